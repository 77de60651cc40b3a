"""Layer 2 in the database: reports recorded, graphs saved and read, machines found."""
