"""How it is said: the real system's messages, their names and codes, and the way between their words and ours."""
