"""`python -m grader` is `viva`."""

from grader.cli import main

main()
