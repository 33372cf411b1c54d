"""``lrparity.compare``: planted differences, found and named."""
