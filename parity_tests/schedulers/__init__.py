"""Every scheduler gives torch's rates, step by step, after edits by hand, after a save, and as a table."""
