"""Every mistake gives one line that names the function, the argument, the rule and the value."""
