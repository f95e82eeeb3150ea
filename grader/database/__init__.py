"""PostgreSQL behind the grading backend: the schema, the rows, and the queue (a library's) in the same database."""
