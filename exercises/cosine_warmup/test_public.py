"""Public cases of cosine_warmup: small ones, worked out by hand."""

import pytest

from grader.judge import assert_close, assert_each_raises


@pytest.mark.task("warmup")
def test_four_steps_up(candidate):
    """Steps 0 to 3 of a warm-up of four steps to 2.0 have the rates 0, 0.5, 1 and 1.5; the floor of 1.2 has no say.

    用四步预热到 2.0，第 0 到 3 步的学习率为 0、0.5、1、1.5；下限 1.2 在这里不起作用。
    """
    assert_close([candidate.cosine_warmup(step, 2.0, 4, 9, 1.2) for step in range(4)], [0.0, 0.5, 1.0, 1.5])


@pytest.mark.task("decay")
def test_six_steps_down(candidate):
    """From 0.9 to 0.1 in six steps: a quarter of the way down after two of them, half after three.

    用六步从 0.9 衰减到 0.1：两步之后下降四分之一，三步之后下降一半。
    """
    rates = [candidate.cosine_warmup(step, 0.9, 3, 9, 0.1) for step in (5, 6, 7)]
    assert_close(rates, [0.7, 0.5, 0.3])


@pytest.mark.task("corners")
def test_corners_by_hand(candidate):
    """The rate is 0.9 itself where the decay starts, and 0.2 itself at its end and at every step beyond.

    衰减开始处的学习率就是 0.9，终点及之后每一步就是 0.2，没有任何误差。
    """
    rates = [candidate.cosine_warmup(step, 0.9, 3, 9, 0.2) for step in (0, 3, 9, 10, 15)]
    assert_close(rates, [0.0, 0.9, 0.2, 0.2, 0.2], rtol=0, atol=0)


@pytest.mark.task("contract")
def test_floor_above_the_peak(candidate):
    """A floor of 0.5 fits a peak of 0.5, and none below it.

    峰值为 0.5 时，下限可以是 0.5；峰值更小则不行。
    """
    assert_close(candidate.cosine_warmup(4, 0.5, 2, 6, 0.5), 0.5)
    assert_each_raises(ValueError, candidate.cosine_warmup, [(4, 0.4, 2, 6, 0.5)])
