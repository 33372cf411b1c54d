"""The operations that round once are held against exact rational numbers."""
