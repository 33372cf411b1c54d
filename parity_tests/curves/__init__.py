"""Tests of curves, of CurveLR, and of the curves that libraries have."""
