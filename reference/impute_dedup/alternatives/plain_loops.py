"""One pass with a dictionary of the best row for each key, and statistics by Python's own means."""

from collections import Counter
from statistics import median

import pandas as pd


def _rows_that_stay(table, keys, time):
    best, stay = {}, []
    for place, key in enumerate(zip(*(table[name] for name in keys), strict=True)):
        if any(pd.isna(part) for part in key):
            stay.append(place)
            continue
        when = table[time].iloc[place]
        when = (0, 0) if pd.isna(when) else (1, when.value)
        if key not in best or when >= best[key][0]:
            best[key] = (when, place)
    return sorted(stay + [place for _, place in best.values()])


def clean_tables(train, test, keys, time):
    names = train.columns.tolist()
    if names != test.columns.tolist() or len(keys) == 0 or time in keys:
        raise ValueError("columns")
    for name in [*keys, time]:
        if name not in names:
            raise ValueError(name)
    train = train.iloc[_rows_that_stay(train, keys, time)].copy()
    test = test.iloc[_rows_that_stay(test, keys, time)].copy()
    for name in names:
        values = [value for value in train[name] if not pd.isna(value)]
        if name in [*keys, time] or not values or train[name].dtype.kind in "ib":
            continue
        if train[name].dtype == "float64":
            value = float(median(values))
        else:
            counts = Counter(values)
            value = sorted(counts, key=lambda text: (-counts[text], text))[0]
        for table in (train, test):
            table[name] = table[name].where(table[name].notna(), value)
    return train, test
