"""Kiosks in the database: pairing, what heartbeats told, commands, what a kiosk is to do next."""
