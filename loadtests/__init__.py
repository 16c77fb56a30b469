"""Load tests and measures."""
