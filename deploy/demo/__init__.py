"""The demonstration province: everything in it is invented or replayed, and says so."""
