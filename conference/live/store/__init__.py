"""What the live board reads and writes."""
