"""Tables: frames and series, which cross the wire (`wire/tables.py`)."""

from __future__ import annotations

from grader.guest.environments import Environment
from grader.guest.environments import numpy as arrays


def first_frames() -> None:
    """A frame with numbers and text, grouped and joined: what nearly every exercise does."""
    import pandas as pd

    arrays.first_products()
    frame = pd.DataFrame({"key": ["a", "b", "a"], "value": [1.0, 2.0, None]})
    means = frame.groupby("key", as_index=False)["value"].mean()
    frame.merge(means, on="key", suffixes=("", "_mean")).sort_values("key").reset_index(drop=True)


def warm() -> None:
    """First uses that import more: times, windows, pivots, categories, printing."""
    import pandas as pd

    arrays.warm()
    days = pd.date_range("2020-01-01", periods=4, freq="D")
    frame = pd.DataFrame({"day": days, "key": ["a", "b", "a", "b"], "value": [1.0, 2.0, 3.0, 4.0]})
    frame.set_index("day")["value"].resample("2D").sum()
    frame["value"].rolling(2).mean()
    frame.pivot_table(index="key", columns=frame["day"].dt.year, values="value", aggfunc="sum")
    pd.get_dummies(frame["key"].astype("category"))
    pd.concat([frame, frame]).drop_duplicates().fillna(0)
    pd.cut(frame["value"], 2)
    frame.query("value > 1")
    repr(frame)


ENVIRONMENT = Environment(
    packages=("pandas", "numpy"),
    libraries=("numpy", "pandas"),
    names={**arrays.ENVIRONMENT.names, "pd": "pandas", "pandas": "pandas"},
    also=arrays.ENVIRONMENT.also,
    first_uses=first_frames,
    warm=warm,
)
