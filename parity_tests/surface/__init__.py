"""lrjax and lrtorch offer the same names, and the suite runs without packages that only some tests need."""
