"""What runs inside the box, beside candidate code. It holds no test, no expected value and no secret.

Imports only `grader.wire`, `grader.errors`, the standard library, numpy and, where they are met, the
libraries of an environment.
"""
