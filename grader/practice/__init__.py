"""Practice: which entry comes next, how an answer is judged, and what a person can do by now."""
