"""Clean two tables; the contract is in statement.en.md (English) and statement.zh.md (Chinese)."""

import pandas as pd


def clean_tables(
    train: pd.DataFrame, test: pd.DataFrame, keys: list[str], time: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both tables without outdated duplicates, gaps filled with the medians and most frequent values of `train`."""
    raise NotImplementedError
