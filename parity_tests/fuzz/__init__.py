"""Whole training programs, drawn at random and run in both frameworks: ``python -m parity_tests.fuzz --help``."""
