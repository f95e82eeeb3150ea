"""Sorts by time and lets pandas mark all but the last of the rows with equal keys."""

import numpy as np
import pandas as pd


def newest(table: pd.DataFrame, keys: list[str], time: str) -> pd.DataFrame:
    """The rows that no later one with the same complete keys outdates, in their order."""
    plain = table.reset_index(drop=True)
    by_time = plain.sort_values(time, kind="stable", na_position="first")
    outdated = by_time.duplicated(subset=keys, keep="last") & by_time[keys].notna().all(axis=1)
    return table.iloc[np.sort(by_time.index[~outdated])].copy()


def filler(column: pd.Series) -> object:
    """What stands in for a missing value of the column; None where nothing does."""
    values = column.dropna()
    if values.empty or pd.api.types.is_integer_dtype(column) or pd.api.types.is_bool_dtype(column):
        return None
    if pd.api.types.is_float_dtype(column):
        return values.median()
    counts = values.value_counts()
    return min(counts.index[counts == counts.max()])


def clean_tables(
    train: pd.DataFrame, test: pd.DataFrame, keys: list[str], time: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both tables without outdated duplicates, gaps filled with the medians and most frequent values of `train`."""
    columns = list(train.columns)
    if list(test.columns) != columns:
        raise ValueError("the tables have different columns")
    if not keys or not set(keys) <= set(columns):
        raise ValueError("keys must be columns, one at least")
    if time not in columns or time in keys:
        raise ValueError("time must be a column, and not a key")

    train, test = newest(train, keys, time), newest(test, keys, time)
    fillers = {name: filler(train[name]) for name in columns if name != time and name not in keys}
    fillers = {name: value for name, value in fillers.items() if value is not None}
    return train.fillna(fillers), test.fillna(fillers)
