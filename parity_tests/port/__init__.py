"""``lrparity.compare`` and its report: planted differences, found, named and shown."""
