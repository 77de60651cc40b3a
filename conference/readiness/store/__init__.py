"""What readiness reads and writes."""
