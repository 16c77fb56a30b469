"""How it travels: the only rooms that wait and listen."""
