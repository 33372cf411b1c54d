"""Whole runs, recorded with three lines on each side and compared: where they part, and whether it is rounding."""
