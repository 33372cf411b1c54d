"""Every optimizer gives torch's bits, for all options, shapes, number formats and ways of compiling."""
