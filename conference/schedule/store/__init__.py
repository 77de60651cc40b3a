"""What the schedule reads and writes."""
