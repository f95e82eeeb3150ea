"""The reference of impute_dedup against groupby of pandas (rows) and SimpleImputer of scikit-learn (values)."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.impute import SimpleImputer

ROOT = Path(__file__).resolve().parents[2]
clean_tables = runpy.run_path(str(ROOT / "reference" / "impute_dedup" / "solution.py"))["clean_tables"]


def draw(rng: np.random.Generator, rows: int) -> pd.DataFrame:
    """A table with gaps everywhere, and days of which no two are equal."""

    def text(choices: list[str]) -> pd.Series:
        return pd.Series(rng.choice(choices, rows), dtype="str").mask(rng.random(rows) < 0.2)

    seen = pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.permutation(rows), unit="D")
    columns = {
        "id": text(list("abcdef")),
        "shop": pd.Series(rng.integers(0, 3, rows).astype(float)).mask(rng.random(rows) < 0.2),
        "seen": seen,
        "size": pd.Series(rng.normal(size=rows)).mask(rng.random(rows) < 0.3),
        "color": text(["red", "Red", "green", ""]),
    }
    return pd.DataFrame(columns).set_axis(rng.integers(0, 9, rows), axis=0)


@pytest.mark.parametrize("keys", [["id"], ["shop", "id"]])
@pytest.mark.parametrize("seed", range(12))
def test_pandas_and_scikit_learn(seed: int, keys: list[str]) -> None:
    """The same rows, in their order, and the same filled columns."""
    rng = np.random.default_rng(seed)
    tables = [draw(rng, 40), draw(rng, 25)]
    expected = []
    for table in tables:
        numbered = table.reset_index(names="label")
        newest = numbered.groupby(keys)["seen"].idxmax()  # groupby leaves rows with a missing key out
        loose = numbered.index[numbered[keys].isna().any(axis=1)]
        expected.append(numbered.loc[sorted([*newest, *loose])].set_index("label").rename_axis(None))
    for name in {"shop", "size", "color"} - {*keys}:
        strategy = "most_frequent" if name == "color" else "median"
        imputer = SimpleImputer(strategy=strategy, missing_values=np.nan)
        columns = [table[[name]].astype(object if name == "color" else float) for table in expected]
        imputer.fit(columns[0])
        for table, column in zip(expected, columns, strict=True):
            table[name] = pd.Series(imputer.transform(column).ravel(), index=table.index, dtype=table[name].dtype)
    for actual, sound in zip(clean_tables(*tables, keys, "seen"), expected, strict=True):
        pd.testing.assert_frame_equal(actual, sound)


@pytest.mark.parametrize("seed", range(12))
def test_sorted_and_dropped(seed: int) -> None:
    """Without missing keys, sorting stably and dropping duplicates leaves the same rows, ties included."""
    rng = np.random.default_rng(seed)
    table = draw(rng, 30).assign(id=rng.choice(list("abcd"), 30)).reset_index(drop=True)
    table["seen"] = table["seen"].dt.floor("7D").mask(rng.random(30) < 0.3)
    expected = table.sort_values("seen", kind="stable", na_position="first").drop_duplicates("id", keep="last")
    assert clean_tables(table, table, ["id"], "seen")[0].index.tolist() == sorted(expected.index)
