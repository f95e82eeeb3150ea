"""Hidden cases of bm25: documents, queries and parameters are drawn anew for every verdict."""

import numpy as np
import pytest

from grader.judge import assert_close, assert_refuses, assert_unchanged, distinct_sizes

NAN, INF = float("nan"), float("inf")
WORDS = ["tea", "milk", "sugar", "cup", "spoon", "pot", "leaf"]


def draw_documents(rng, n=7, *, words=WORDS, low=1, high=30):
    """Documents of different lengths in which tokens come again; a later word is rarer."""
    chances = 0.6 ** np.arange(len(words))
    return [
        list(map(str, rng.choice(words, size, p=chances / chances.sum()))) for size in distinct_sizes(rng, n, low, high)
    ]


def draw_parameters(rng):
    """k1 and b, well apart from each other, from their ends and from the defaults."""
    return 1.6 + 0.8 * rng.random(), 0.2 + 0.4 * rng.random()


def assert_scores(candidate, reference, documents, queries, *parameters):
    """One index gives the scores of the reference for each of the queries."""
    sound, index = reference.BM25(documents, *parameters), candidate.BM25(documents, *parameters)
    for query in queries:
        expected = sound.scores(query)
        assert_close(index.scores(query), expected)


@pytest.mark.task("formula")
def test_drawn_documents(candidate, reference, rng):
    """Scores of drawn documents, for queries of one token and of several.

    随机文档的得分，查询为一个或多个 token。
    """
    queries = [["tea"], list(map(str, rng.permutation(WORDS)[:4])), WORDS[::-1]]
    assert_scores(candidate, reference, draw_documents(rng), queries, *draw_parameters(rng))


@pytest.mark.task("formula")
def test_rarity(candidate, reference, rng):
    """The weight of a token in one document, in some, in more than half and in all, however often it occurs there.

    只在一篇、几篇、过半或全部文档里的 token 的权重，与在其中出现多少次无关。
    """
    n, k1, b = int(rng.integers(6, 12)), *draw_parameters(rng)
    documents = [["all"] * int(rng.integers(1, 5)) for _ in range(n)]
    for token, holders in (("one", 1), ("some", 3), ("most", n - 1)):
        for place in rng.permutation(n)[:holders]:
            documents[place] += [token] * int(rng.integers(1, 9))
    assert_scores(candidate, reference, documents, [["one"], ["some"], ["most"], ["all"]], k1, b)
    for n in (1, 100):  # of a hundred, a token in all weighs 0.005
        assert_scores(candidate, reference, [["all", "one"], *[["all"]] * (n - 1)], [["all"], ["one"]], k1, b)


@pytest.mark.task("formula")
def test_saturation(candidate, reference, rng):
    """A token that comes again adds less each time, sooner with a small k1.

    同一个 token 反复出现，每次加得越来越少；`k1` 小则更早饱和。
    """
    documents = [
        ["tea"] * count + ["milk"] * (size - count) for count, size in ((0, 9), (1, 9), (2, 9), (3, 9), (40, 50))
    ]
    documents.append(["tea"] * 1999 + ["milk"])
    for k1 in (0.01, 0.5 + rng.random(), 1e6):
        assert_scores(candidate, reference, documents, [["tea"]], k1, 0.3)


@pytest.mark.task("formula")
def test_length(candidate, reference, rng):
    """A document is measured by its number of tokens against the mean, repeated tokens included.

    文档长度是 token 的个数（重复的也算），与平均值相比。
    """
    documents = [[*"tea milk".split(), *["rest"] * extra] for extra in (0, 1, 5, 90)]
    documents += [["tea", "milk", *map(str, range(extra))] for extra in (2, 7, 150)] + draw_documents(rng, 4)
    for b in (0.1 + 0.2 * rng.random(), 0.9, 1.0, 0.0):
        assert_scores(candidate, reference, documents, [["tea", "milk"]], 1.3, b)


@pytest.mark.task("formula")
def test_repeated_in_the_query(candidate, reference, rng):
    """A token that the query holds several times counts as often.

    查询里出现几次的 token 就计几次。
    """
    times = int(rng.integers(12, 18))
    queries = [["tea", "tea"], ["sugar", *["milk"] * times, "sugar"], ["unknown"] * 2 + ["cup"]]
    assert_scores(candidate, reference, draw_documents(rng), queries, *draw_parameters(rng))


@pytest.mark.task("formula")
def test_defaults(candidate, reference, rng):
    """k1 is 1.2 and b is 0.75 unless they are given, also by name.

    不传参时 `k1` 为 1.2、`b` 为 0.75；也可以按名字传入。
    """
    documents, (k1, b), query = draw_documents(rng), draw_parameters(rng), WORDS[:3]
    assert_close(candidate.BM25(documents).scores(query), reference.BM25(documents, 1.2, 0.75).scores(query))
    for named in ({"b": b}, {"k1": k1}, {"b": b, "k1": k1}):
        expected = reference.BM25(documents, **named).scores(query)
        assert_close(candidate.BM25(documents=documents, **named).scores(query=query), expected)


@pytest.mark.task("corners")
def test_unknown_tokens(candidate, reference, rng):
    """Tokens that no document holds add nothing, and a query without tokens gives zeros.

    哪篇文档都没有的 token 不加分，没有 token 的查询得到全零。
    """
    documents = draw_documents(rng, 5)
    queries = [["coffee"], [], ["coffee", "tea", "x"], ["coffee", "coffee"], ["tea"]]
    assert_scores(candidate, reference, documents, queries, *draw_parameters(rng))


@pytest.mark.task("corners")
def test_empty_documents(candidate, reference, rng):
    """An empty document scores 0, and counts in the number of documents and in the mean length.

    空文档得 0 分，但计入文档数和平均长度。
    """
    documents = draw_documents(rng, 6)
    for place in (3, 0, len(documents) + 2):
        documents.insert(place, [])
        assert_scores(candidate, reference, documents, [["tea", "milk"], ["leaf"]], *draw_parameters(rng))
    assert_scores(candidate, reference, documents, [["tea", "spoon", "x"], []], 1.4, 1.0)


@pytest.mark.task("corners")
def test_nothing_but_empty(candidate, reference, rng):
    """Zeros where all documents are empty, an empty result where there are none, and scores where one has a token.

    文档全为空时得全零，没有文档时结果为空，有一篇有 token 时照常得分。
    """
    for documents in ([], [[]], [[], [], []]):
        for parameters in ((), (0, 1), (1.5, 0.0), (0.0, 0.3)):
            index = candidate.BM25(documents, *parameters)
            for query in (["tea"], [], [""]):
                assert_close(index.scores(query), np.zeros(len(documents)))
    assert_scores(candidate, reference, [[], [], ["tea"]], [["tea"]], *draw_parameters(rng))


@pytest.mark.task("corners")
def test_ends_of_the_parameters(candidate, reference, rng):
    """k1 of 0 and b of 0 and 1 are valid, as floats and as ints, for documents with and without the tokens.

    `k1` 取 0、`b` 取 0 和 1 都有效，浮点数或整数均可，文档里有没有这些 token 都一样。
    """
    documents = [*draw_documents(rng, 4), [], ["rest"], ["rest", "tea"]]
    for parameters in ((0.0, 0.4), (0, 1), (0, 0), (1.3, 1), (2, 0), (1.3, 1.0), (0.0, 1.0), (1e-12, 1.0)):
        assert_scores(candidate, reference, documents, [["tea", "rest", "leaf"], ["rest"]], *parameters)


@pytest.mark.task("contract")
def test_tokens_as_they_are(candidate, reference, rng):
    """Tokens differ by case, blanks and code points, and none is left out.

    大小写、空格、码位不同的 token 都不相同，也没有 token 会被丢掉。
    """
    words = [
        "Tea",
        "tea",
        "TEA",
        " tea",
        "",
        " ",
        "the",
        "teas",
        "1",
        "1.0",
        "caf\u00e9",
        "cafe\u0301",
        "茶",
        "Straße",
        "STRASSE",
    ]
    documents = [[str(word)] * int(rng.integers(1, 4)) for word in rng.permutation(words)] + [words]
    assert_scores(candidate, reference, documents, [[word] for word in words], *draw_parameters(rng))


@pytest.mark.task("contract")
def test_one_query_after_another(candidate, reference, rng):
    """A query's scores do not depend on the queries before it, nor on another index.

    一次查询的得分与之前的查询无关，也不受另一个索引影响。
    """
    documents, (k1, b) = draw_documents(rng), draw_parameters(rng)
    index, other = candidate.BM25(documents, k1, b), candidate.BM25(documents[:3] + [["x"]], 0.9, 0.1)
    sound = reference.BM25(documents, k1, b)
    for query in (["tea", "x"], ["x"], ["milk", "milk", "y"], ["tea", "x"], [], ["y", "milk"], ["milk"], ["milk"]):
        other.scores(["x", "tea"])
        expected = sound.scores(query)
        assert_close(index.scores(query), expected)


@pytest.mark.task("contract")
def test_bad_parameters(candidate, reference, rng):
    """k1 below 0, infinite or NaN, and b outside 0 to 1 or NaN, raise ValueError, one or both.

    `k1` 为负、无穷大或 NaN，`b` 超出 0 到 1 或为 NaN，都抛出 `ValueError`，只有一个或两个都不合法时一样。
    """
    bad = {"k1": [-1.0, NAN, INF, -1e-9, -INF, -2], "b": [-0.5, NAN, INF, -1e-9, 1 + 1e-9, 2]}
    for documents in (draw_documents(rng), []):
        expected = reference.BM25(documents, 1.1, 0.4).scores(["tea"])
        index = assert_refuses(candidate.BM25, {"documents": documents, "k1": 1.1, "b": 0.4}, bad)
        assert_close(index.scores(["tea"]), expected)


@pytest.mark.task("contract")
def test_arguments_stay(candidate, reference, rng):
    """Documents and query are as they were, after scores that are right.

    在得分正确的前提下，文档和查询保持原样。
    """
    documents, query = draw_documents(rng, 4), ["tea", "x", "leaf", "tea"]
    expected = reference.BM25(documents).scores(query)
    index = candidate.BM25(documents)
    assert_unchanged(documents)
    assert_close(index.scores(query), expected)
    assert_unchanged(query)
