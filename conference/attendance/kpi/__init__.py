"""Figures for the leaders out of counted meetings: formulas as data, months, units, the ranking of endpoints."""
