"""What commands to projectors read and write."""
