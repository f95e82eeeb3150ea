"""`viva quiz`: practice at the terminal."""
