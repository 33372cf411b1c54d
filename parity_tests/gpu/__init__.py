"""Programs compiled for a GPU are checked and evaluated without one, and compared with torch on one."""
