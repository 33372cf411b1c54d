"""``lrparity.port``: whether two programs are the same training."""
