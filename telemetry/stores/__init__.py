"""Sample stores: one interface, several places to keep samples."""
