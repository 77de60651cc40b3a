"""What attendance reads from and writes to the tables."""
