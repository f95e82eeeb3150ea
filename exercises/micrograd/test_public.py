"""Public cases of micrograd: small ones, worked out by hand."""

import pytest

from grader.judge import assert_close


@pytest.mark.task("arithmetic")
def test_product_and_quotient_by_hand(driver):
    """3 * -2 + 2 / 3, with derivatives -2 - 2/9 and 3.

    3 * -2 + 2 / 3，导数为 -2 - 2/9 和 3。
    """
    data, grads = driver.play([3, -2.0], [("*", "n0", "n1"), ("/", 2, "n0"), ("+", "n2", "n3")], ["n4"])
    assert_close(data, [3.0, -2.0, -6.0, 2 / 3, -16 / 3])
    assert_close(grads, [[-2 - 2 / 9, 3.0, 1.0, 1.0, 1.0]])


@pytest.mark.task("functions")
def test_cube_and_relu_by_hand(driver):
    """The cube of 2 is 8 with slope 12; the relu of -1 is 0 with slope 0.

    2 的三次方是 8，斜率为 12；-1 的 relu 是 0，斜率为 0。
    """
    assert_close(driver.play([2], [("**", "n0", 3)], ["n1"]), ([2.0, 8.0], [[12.0, 1.0]]))
    assert_close(driver.play([-1.0], [("relu", "n0")], ["n1"]), ([-1.0, 0.0], [[0.0, 1.0]]))


@pytest.mark.task("graph")
def test_twice_by_hand(driver):
    """The square of 5 x at x = 1 has slope 50, and 100 after a second backward; 5 x itself has 10 and 20.

    x = 1 处 5 x 的平方斜率为 50，再次 backward 之后为 100；5 x 这个节点则为 10 和 20。
    """
    _, grads = driver.play([1.0], [("*", "n0", 5), ("*", "n1", "n1")], ["n2", "n2"])
    assert_close(grads, [[50.0, 10.0, 1.0], [100.0, 20.0, 2.0]])


@pytest.mark.task("size")
def test_two_thousand_in_a_row(driver):
    """A thousand times plus 1, through 2,000 nodes: the slope is 1.

    连续一千次加 1，共 2000 个节点：斜率为 1。
    """
    assert_close(driver.chain(0.5, 1.0, 1.0, 1000)[:2], (1000.5, 1.0))
