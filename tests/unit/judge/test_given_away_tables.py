"""What a driver is told in a table is recognized when the suite compares it later."""

from __future__ import annotations

import numpy as np
import pandas as pd

from grader.judge.given_away import _pictures


def test_a_column_that_is_compared_as_an_array_is_recognized() -> None:
    """Whatever it is called, and in whatever container."""
    answers = np.array([3.0, 1.0, 4.0, 1.5])
    told = set(_pictures([{"orders": pd.DataFrame({"item": list("abcd"), "hidden": answers})}]))
    assert set(_pictures(answers.copy())) <= told
    assert not set(_pictures(answers + 1)) & told
