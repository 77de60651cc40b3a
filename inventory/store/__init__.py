"""Reading and writing the inventory's tables. A Session comes first, and for people a Scope."""
