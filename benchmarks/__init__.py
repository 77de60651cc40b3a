"""Measurements of EduNOC against its budgets and its peers; `make bench` runs them and writes docs/benchmarks.md."""
