"""Two tables cleaned alike: outdated duplicates first, then gaps, with what the first table tells."""

from statistics import multimode

import numpy as np
import pandas as pd


def clean_tables(train, test, keys, time):
    """Both tables without outdated duplicates, gaps filled with the medians and most frequent values of `train`."""
    columns = list(train.columns)
    if list(test.columns) != columns:
        raise ValueError("both tables must have the same columns, in the same order")
    if not keys or time in keys or not {*keys, time} <= set(columns):
        raise ValueError("keys and time must be different columns, and at least one key is needed")
    train, test = newest(train, keys, time), newest(test, keys, time)
    values = {}
    for name in columns:
        known = train[name].dropna()
        if name in keys or name == time or known.empty:
            continue
        if known.dtype == np.float64:
            values[name] = known.median()
        elif pd.api.types.is_string_dtype(known.dtype):
            values[name] = min(multimode(known))
    return train.fillna(values), test.fillna(values)


def newest(table, keys, time):
    """The rows of `table` that are no outdated duplicates."""
    complete = table[keys].notna().all(axis=1).to_numpy()
    rows = table[[*keys, time]].reset_index(drop=True)[complete]  # labelled by position: the index may repeat
    rows = rows.sort_values(time, kind="stable", na_position="first").drop_duplicates(keys, keep="last")
    stays = ~complete
    stays[rows.index] = True
    return table[stays]
