"""All SQL of the alerts room. Every function takes a Session first; none commits."""
