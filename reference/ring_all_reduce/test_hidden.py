"""Hidden cases: tensors are drawn anew; sums are compared to the bit, and tell by their rounding how they were formed."""

from contextlib import contextmanager

import pytest
import torch
from grader.judge import assert_close

MET = {}  # the ranks that stand in a process group together and have passed the case, with the port where they met


@contextmanager
def together(ranks, count, joined=True):
    """Ranks in a process group, if `joined`; that of the case before if they are the same and passed it."""
    group = ranks(count)
    members = tuple(group) if joined else ()
    known = MET.pop(members, 0)
    MET.clear()
    port = group[0].driver.open_store(count, known)
    if port != known:
        group.call("driver.join", [(rank, len(members), port) for rank in range(count)])
    yield group
    MET[members] = port


def around_the_ring(tensors):
    """The sum as the ring forms it: chunk c begins on rank c."""
    n = len(tensors)
    parts = [tensor.reshape(-1).tensor_split(n) for tensor in tensors]
    chunks = []
    for c in range(n):
        total = parts[c][c].clone()
        for r in range(c + 1, c + n):
            total += parts[r % n][c]
        chunks.append(total)
    return torch.cat(chunks).reshape(tensors[0].shape)


@pytest.fixture
def draw(torch_rng):
    """A function of a number of ranks and a shape: a tensor for each rank, of very different sizes, or integers."""

    def drawn(count, shape, dtype=torch.float64):
        def one():
            if not dtype.is_floating_point:
                top = 2**60 if dtype == torch.int64 else 2**28
                return torch.randint(-top, top, shape, generator=torch_rng, dtype=dtype)
            sizes = torch.randint(0, 4, shape, generator=torch_rng)
            return torch.randn(shape, generator=torch_rng, dtype=dtype) * 100.0**sizes

        return [one() for _ in range(count)]

    return drawn


def check(group, *cases, layout="plain"):
    """Every case, a tensor for each rank, is summed on all ranks, one after the other in one call."""
    results = group.call("driver.reduce", [(list(tensors), layout) for tensors in zip(*cases, strict=True)])
    expected = [around_the_ring(tensors) for tensors in cases]
    wanted = [[[None] * len(cases), expected]] * len(group)
    assert_close(results, wanted, rtol=0, atol=0)


@pytest.mark.task("alone")
@pytest.mark.parametrize("joined", [False, True])
def test_one_process(ranks, draw, joined):
    """Without a process group, or in one of one rank, sum and mean are the tensor itself, and what is bad is refused.

    没有进程组，或进程组中只有一个 rank 时，和与均值就是张量本身，无效参数照样被拒绝。
    """
    (tensor,), (integers,) = draw(1, (3, 2)), draw(1, (4,), torch.int64)
    with together(ranks, 1, joined) as group:
        for op in ("sum", "mean"):
            result = group.call("driver.reduce", [([tensor], "plain", op)])
            assert_close(result, [[[None], [tensor]]], rtol=0, atol=0)
        assert_close(group.call("driver.reduce", [([integers],)]), [[[None], [integers]]])
        for bad, op in ((tensor, "max"), (integers, "mean"), (integers[:0], "mean")):
            assert_close(group.call("driver.refused", [(bad, op)]), [[True, bad]])


@pytest.mark.task("sum")
def test_two_ranks(ranks, draw):
    """Two ranks, several calls in a row.

    两个 rank，连续多次调用。
    """
    with together(ranks, 2) as group:
        check(group, draw(2, (24,)), draw(2, (3, 7)))


@pytest.mark.task("sum")
def test_order_of_additions(ranks, draw):
    """Three ranks: each chunk is summed in the order in which it goes around the ring, in float64 and float32.

    三个 rank：每个块都按绕环的顺序求和，float64 与 float32 均如此。
    """
    with together(ranks, 3) as group:
        check(group, draw(3, (240,)), draw(3, (12, 25), torch.float32))


@pytest.mark.task("lengths")
def test_lengths_that_do_not_divide(ranks, draw):
    """The first chunks are longer by one; the order of additions tells where they end.

    前几块多一个元素；加法的顺序能反映出块的边界。
    """
    first, large, _ = draw(3, (202,))
    large *= 1e20
    apart = [first, large, -large]  # the sum is `first` where it begins on rank 1, else next to nothing
    with together(ranks, 3) as group:
        check(group, draw(3, (7, 53)), apart)


@pytest.mark.task("lengths")
def test_fewer_elements_than_ranks(ranks, draw):
    """Two elements, one, none, and a tensor without axes, in calls one after the other.

    两个元素、一个元素、没有元素，以及没有维度的张量，接连调用。
    """
    with together(ranks, 3) as group:
        check(group, *(draw(3, shape) for shape in ((2,), (4, 0), (1, 1), (9,), ())))


@pytest.mark.task("memory")
def test_views_with_gaps(ranks, draw):
    """Transposes, every other row, and a column are reduced in place; what lies between stays.

    转置、隔行切片和某一列都就地归约，中间的元素不变。
    """
    layouts = {
        "transposed": lambda whole: whole.t(),
        "every other": lambda whole: whole[1::2],
        "column": lambda whole: whole[:, 1],
    }
    with together(ranks, 3) as group:
        for layout, view in layouts.items():
            wholes = draw(3, (31, 13))
            total = around_the_ring([view(whole) for whole in wholes])
            expected = []
            for whole in wholes:
                after = whole.clone()
                view(after).copy_(total)
                expected.append([[None], [after]])
            results = group.call("driver.reduce", [([whole], layout) for whole in wholes])
            assert_close(results, expected, rtol=0, atol=0)


@pytest.mark.task("memory")
def test_integers(ranks, draw):
    """Sums of int32 and int64 are exact, with large values too.

    int32 与 int64 的和是精确的，数值很大时也一样。
    """
    with together(ranks, 3) as group:
        check(group, draw(3, (7, 3), torch.int64), draw(3, (11,), torch.int32))


@pytest.mark.task("mean")
def test_mean(ranks, draw):
    """The mean is the sum divided by the number of ranks, the same bits everywhere, for views and empty tensors too.

    均值是和除以 rank 数，各 rank 上逐位相同，视图与空张量也一样。
    """
    with together(ranks, 3) as group:
        for dtype, layout in ((torch.float64, "plain"), (torch.float32, "transposed")):
            wholes = [whole.abs() for whole in draw(3, (7, 4), dtype)]  # no cancellation: any rounding is small
            mean = sum(whole.double() for whole in wholes) / 3
            empty = torch.zeros(0, 2, dtype=dtype)
            tensors = [[whole, empty] for whole in wholes]
            expected = [mean.to(dtype), empty]
            if dtype == torch.float64:  # sums without rounding, next to nothing beside their terms
                for own, value in zip(tensors, (1e8, 1.0 - 1e8, -0.5), strict=True):
                    own.append(torch.full((3, 1), value, dtype=dtype))
                expected.append(torch.full((3, 1), 0.5 / 3, dtype=dtype))
            results = group.call("driver.reduce", [(own, layout, "mean") for own in tensors])
            assert_close(results, [[[None] * len(expected), expected]] * 3)
            assert_close(results[1:], results[:1] * 2, rtol=0, atol=0)


@pytest.mark.task("mean")
def test_bad_arguments(ranks, draw):
    """Unknown operations and means of integers are refused on every rank before anything changes; then all goes on.

    未知的操作和整数的均值在每个 rank 上都被拒绝，什么都不改变；之后一切照常。
    """
    floats, integers, small = draw(3, (5,)), draw(3, (4,), torch.int64), draw(3, (3,), torch.int32)
    with together(ranks, 3) as group:
        for tensors, op in (
            (floats, "max"),
            (floats, ""),
            (integers, "mean"),
            (small, "mean"),
            (floats, "Sum"),
        ):
            results = group.call("driver.refused", [(tensor, op) for tensor in tensors])
            assert_close(results, [[True, tensor] for tensor in tensors], rtol=0, atol=0)
        check(group, floats)
