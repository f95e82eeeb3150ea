"""The grading backend over HTTP, version 1. Thin: routes read, ask a use case or a row, and write."""
