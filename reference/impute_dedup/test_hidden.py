"""Hidden cases of impute_dedup: tables of every kind of column are drawn anew for every verdict."""

import numpy as np
import pandas as pd
import pytest

from grader.judge import assert_close, assert_each_raises, assert_unchanged

COLORS = ["red", "Red", "blue", "", "绿", "green"]
KEYS, TIME = ["who", "part"], "seen"
ALL = ["size", "who", "count", "seen", "color", "part", "valid", "void"]
FEW = ["count", "who", "seen", "part"]  # what cases about duplicates need
START = np.datetime64("2026-03-01", "s")


def texts(words):
    """Words as a column of text, None where one is missing."""
    return pd.array(np.array(words, dtype=object), dtype="str")


def draw_table(rng, rows, columns=ALL, *, keys=4, times=5, missing=0.2):
    """These columns, with an index that repeats labels; texts, floats and times are missing here and there."""

    def with_gaps(values, gap):
        return np.where(rng.random(rows) < missing, gap, values)

    def text(choices):
        return texts(with_gaps(np.array(choices, dtype=object)[rng.integers(0, len(choices), rows)], None))

    drawn = {
        "size": lambda: with_gaps(rng.normal(0, 50, rows).round(3), np.nan),
        "who": lambda: text([f"u{number}" for number in range(keys)]),
        "count": lambda: rng.integers(-9, 9, rows),
        "seen": lambda: with_gaps(START + 32_401 * rng.integers(0, times, rows), np.datetime64("NaT")),  # 9 hours apart
        "color": lambda: text(COLORS),
        "part": lambda: with_gaps(rng.integers(0, 2, rows) / 2, np.nan),
        "valid": lambda: rng.random(rows) < 0.5,
        "void": lambda: np.full(rows, np.nan),
    }
    return pd.DataFrame({name: drawn[name]() for name in columns}, index=rng.integers(0, rows, rows))


def without_duplicates(rng, rows, columns):
    """A table of drawn times in which no key comes twice, and these columns."""
    seen = START + 32_401 * rng.integers(0, 5, rows)
    return pd.DataFrame({"seen": seen, "who": texts([f"v{number}" for number in rng.permutation(rows)]), **columns})


def assert_cleaned(candidate, reference, train, test, keys, time=TIME):
    """Both tables are those of the reference."""
    expected = reference.clean_tables(train, test, keys, time)
    actual = candidate.clean_tables(train, test, keys, time)
    assert isinstance(actual, tuple) and len(actual) == 2, "return two tables\n应返回两张表"
    for table, sound in zip(actual, expected, strict=True):
        assert_close(table, sound)


@pytest.mark.task("duplicates")
def test_newest_of_each_key(candidate, reference, rng):
    """The newest row of each key stays, the last of several, and a missing time is the oldest.

    每个键保留最新的一行，有几行时取最靠后的；缺失的时间最早。
    """
    train, test = (draw_table(rng, rows, missing=0, columns=FEW[:3]) for rows in (30, 21))
    train["seen"] = train["seen"].mask(rng.random(30) < 0.3)
    test["seen"] = np.full(21, np.datetime64("NaT", "s"))
    assert_cleaned(candidate, reference, train, test, ["who"])


@pytest.mark.task("duplicates")
def test_several_keys(candidate, reference, rng):
    """Rows are duplicates only if all keys are equal, in whatever order the keys are named.

    所有键都相等才算重复，与键的书写次序无关。
    """
    rows = [
        pair for mark in ("", "|", "_", ",", " ", "-") for pair in (("p" + mark + "q", "r"), ("p", "q" + mark + "r"))
    ]
    rows += [
        ("P", "qr"),
        ("u", "v"),
        ("u", "v"),
        ("U", "v"),
        ("u ", "v"),
        ("m", "n"),
        ("m", "n"),
        ("k", "l"),
        ("k", "l"),
    ]
    who, part = map(texts, zip(*rows, strict=True))
    numbers = [1.0] * 12 + [1.0, 0.1, 0.1 + 1e-9, 0.1, 0.1, 0.0, -0.0, 2.0, 2.0]  # close is not equal, and 0 is -0
    seen = START.astype("<M8[us]") + np.array([0] * 19 + [1, 0])  # the last key's first row is newer
    alike = pd.DataFrame({"who": who, "seen": seen, "part": part, "level": numbers})
    assert_cleaned(candidate, reference, alike, alike[::-1], ["level", "part", "who"])


@pytest.mark.task("duplicates")
def test_missing_keys(candidate, reference, rng):
    """A row with any missing key stays, however many there are.

    任何一个键缺失的行都保留，无论有多少行。
    """
    train, test = (draw_table(rng, rows, missing=0.4, keys=2, columns=FEW[1:]) for rows in (28, 35))
    assert_cleaned(candidate, reference, train, test, KEYS)


@pytest.mark.task("duplicates")
def test_order_and_labels(candidate, reference, rng):
    """Rows keep their order and labels, with labels that repeat and keys that come in no order.

    行保持次序和标签，哪怕标签重复、键没有次序。
    """
    table = draw_table(rng, 24, keys=20, times=90, missing=0, columns=FEW[:3])
    test = table[::-1].set_axis(rng.permutation(24), axis=0)
    assert_cleaned(candidate, reference, table.set_axis(list("abcdefgh") * 3, axis=0), test, ["who"])


@pytest.mark.task("filling")
def test_medians(candidate, reference, rng):
    """Medians of an odd and an even number of values of train, in both tables.

    用 train 的奇数个和偶数个值求中位数，填入两张表。
    """
    powers = 10.0 ** np.arange(9)
    odd, even = (rng.permutation(np.append(powers[:known], [np.nan] * (10 - known))) for known in (7, 8))
    train = without_duplicates(rng, 10, {"odd": odd, "even": even, "one": [np.nan] * 9 + [7.0]})
    test = without_duplicates(
        rng, 6, {"odd": [np.nan, 1.0] * 3, "even": [np.nan, -5.0, np.nan] * 2, "one": [np.nan, 2.0] * 3}
    )
    assert_cleaned(candidate, reference, train, test, ["who"])


@pytest.mark.task("filling")
def test_most_frequent(candidate, reference, rng):
    """The most frequent text, and of several the smallest, capitals and the empty string included.

    最常见的文本；有几个时取最小的，大写与空字符串也参与比较。
    """
    train, test = {}, {}
    for name, ties in {
        "a": ["red", "Red", "green"],
        "b": ["绿", "blue"],
        "c": ["", "red"],
        "d": ["b", "a", "B"],
    }.items():
        words = [str(word) for word in rng.permutation(ties * 3 + ["zzz"] * 2 + ["A"])]
        train[name] = texts([*words, *[None] * (14 - len(words))])
        test[name] = texts(rng.permutation([None, None, "zzz"]))
    train["e"], test["e"] = texts([None] * 13 + ["rare"]), texts([None, "zzz", None])
    assert_cleaned(candidate, reference, without_duplicates(rng, 14, train), without_duplicates(rng, 3, test), ["who"])


@pytest.mark.task("filling")
def test_rows_of_train_that_stay(candidate, reference, rng):
    """Statistics are those of the rows of train that stay; dropped rows and those of test do not count.

    统计量只来自 train 留下的行；被丢弃的行和 test 的行都不算。
    """
    columns = ["who", "size", "seen", "color"]
    train = draw_table(rng, 40, keys=5, missing=0.15, columns=columns)
    test = draw_table(rng, 31, missing=0.3, columns=columns)
    test["size"] = test["size"] * 9 + 500
    old = train["seen"] < pd.Timestamp("2026-03-02")
    train["size"], train["color"] = train["size"].mask(old, -1e4), train["color"].mask(old, "old")
    assert_cleaned(candidate, reference, train, test, ["who"])


@pytest.mark.task("filling")
def test_never_filled(candidate, reference, rng):
    """Keys, times, and columns that have no value in the cleaned train stay as they are.

    键、时间，以及清洗后的 train 中没有任何值的列，都保持原样。
    """
    train, test = draw_table(rng, 14), draw_table(rng, 11)
    test["void"] = [*rng.normal(size=10), np.nan]
    train["color"] = texts([None] * 14)
    assert_cleaned(candidate, reference, train, test, ["part"])


@pytest.mark.task("contract")
def test_empty_tables(candidate, reference, rng):
    """Tables without rows keep their columns and dtypes; without rows in train nothing is filled.

    没有行的表保持列与 dtype；train 没有行时什么都不填。
    """
    table = draw_table(rng, 10, columns=["size", "who", "seen", "color", "valid"])
    for train, test in ((table[:0], table), (table, table[:0])):
        assert_cleaned(candidate, reference, train, test, ["who"])


@pytest.mark.task("contract")
def test_arguments_stay(candidate, reference, rng):
    """The tables and the list of keys are as they were, after tables that are right.

    在结果正确的前提下，两张表和键的列表保持原样。
    """
    columns = ["who", "part", "seen", "size"]
    train, test, keys = draw_table(rng, 15, columns=columns), draw_table(rng, 13, columns=columns), ["who", "part"]
    assert_cleaned(candidate, reference, train, test, keys)
    assert_unchanged(train, test, keys)


@pytest.mark.task("contract")
def test_bad_arguments(candidate, reference, rng):
    """Other columns, no keys, and names that do not fit raise ValueError, with rows and without.

    列不一致、没有键、名字不合适时都抛出 `ValueError`，有没有行都一样。
    """
    table = draw_table(rng, 3, columns=FEW[:3])
    swapped, fewer = table[["who", "count", "seen"]], table[["who", "seen"]]
    cases = [(table, swapped, ["who"], TIME), (table, fewer, ["who"], TIME), (fewer, table, ["who"], TIME)]
    cases += [(fewer, fewer, ["who", "nobody"], TIME), (fewer, fewer, ["who", TIME], TIME)]
    cases += [(fewer, fewer, ["who"], "when"), (fewer, swapped, [], "when")]
    cases += [(fewer[:0], fewer[:0], keys, TIME) for keys in ([], [TIME])]
    assert_each_raises(ValueError, candidate.clean_tables, cases)
