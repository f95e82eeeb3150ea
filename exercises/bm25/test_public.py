"""Public cases of bm25: small ones, worked out by hand."""

import numpy as np
import pytest

from grader.judge import assert_close

DOCUMENTS = [["red", "car"], ["red", "red", "bus", "stop"], ["car", "park", "at", "night", "in", "rain"]]


@pytest.mark.task("formula")
def test_three_documents_by_hand(candidate):
    """Lengths of 2, 4 and 6 with a mean of 4; `red` is in two of the three documents, `rain` in one.

    长度为 2、4、6，平均 4；三篇文档中有两篇含 `red`，一篇含 `rain`。
    """
    index = candidate.BM25(DOCUMENTS, 1.0, 0.5)
    assert_close(index.scores(["red"]), np.log(1.6) * np.array([2 / 1.75, 4 / 3, 0.0]))
    assert_close(index.scores(["rain", "rain"]), 2 * np.log(8 / 3) * np.array([0.0, 0.0, 2 / 2.25]))


@pytest.mark.task("corners")
def test_nothing_in_common(candidate):
    """Without a token in common the score is 0, also where k1 is 0.

    没有共同的 token，得分就是 0，`k1` 为 0 时也一样。
    """
    index = candidate.BM25(DOCUMENTS, 0, 0.5)
    assert_close(index.scores(["boat"]), np.zeros(3))
    assert_close(index.scores(["stop", "boat"]), np.log(8 / 3) * np.array([0.0, 1.0, 0.0]))


@pytest.mark.task("contract")
def test_negative_k1(candidate):
    """A negative k1 raises ValueError; a query in capitals finds nothing in lower case.

    `k1` 为负时抛出 `ValueError`；大写的查询匹配不到小写的 token。
    """
    assert_close(candidate.BM25(DOCUMENTS, 1.0, 0.0).scores(["Red", "bus"]), np.log(8 / 3) * np.array([0.0, 1.0, 0.0]))
    with pytest.raises(ValueError):
        candidate.BM25(DOCUMENTS, -0.5, 0.5)
