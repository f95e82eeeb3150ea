"""Two queue libraries on PostgreSQL under the same work and the same kills; `__main__` says how it is run."""
