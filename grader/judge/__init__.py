"""The trusted side: runs the suite, holds every expected value, and asks the guest for results.

A suite imports what it needs from here: `from grader.judge import assert_close`.
"""

from grader.judge.comparison import Mismatch, assert_close, collect_observations, tolerances

__all__ = ["Mismatch", "assert_close", "collect_observations", "tolerances"]
