"""The benchmarks run, and their reports say what was measured."""
