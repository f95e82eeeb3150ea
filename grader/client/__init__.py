"""A typed client of the grading backend: `Client(url, key).submit("f1_auc", source)`."""

from grader.client.client import Client, Graded, ServiceError

__all__ = ["Client", "Graded", "ServiceError"]
