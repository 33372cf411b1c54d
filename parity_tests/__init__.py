"""The cases, drivers and tests that hold lrjax and lrtorch against each other."""
