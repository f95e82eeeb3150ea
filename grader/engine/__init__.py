"""Keeps the parents of judges and boxes, and runs jobs on them."""
