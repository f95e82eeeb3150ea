"""Hidden cases of chunked_cross_entropy: hidden states, weight and labels are drawn anew for every verdict."""

import pytest
import torch

from grader.judge import (
    assert_close,
    assert_leaves_no_state,
    assert_refuses,
    assert_same_gradients,
    assert_unchanged,
    distinct_sizes,
    inout,
)

pytestmark = pytest.mark.on_device  # on a GPU, results stay there
DTYPES = (torch.float32, torch.float64)
NAMES = ("hidden", "weight")


def draw(rng, torch_rng, device, dtype=torch.float64, *, ignored=None):
    """Hidden states (N, D), weight (V, D) and labels (N,), no two sizes equal; with `ignored`, some do not count."""
    rows, width, vocabulary = distinct_sizes(rng, 3, 5, 12)
    hidden = torch.randn(rows, width, generator=torch_rng, dtype=torch.float64)
    weight = torch.randn(vocabulary, width, generator=torch_rng, dtype=torch.float64)
    labels = torch.from_numpy(rng.integers(vocabulary, size=rows))
    if ignored is not None:
        labels[:2] = ignored  # chunks of 2 that count none, 1 and 2 rows, whatever else is drawn
        labels[3] = ignored
    return hidden.to(dtype).to(device), weight.to(dtype).to(device), labels.to(device)


def check(candidate, reference, *arguments, **settings):
    """The candidate's loss is the reference's."""
    expected = reference.chunked_cross_entropy(*arguments, **settings)
    assert_close(candidate.chunked_cross_entropy(*arguments, **settings), expected)


@pytest.mark.task("values")
def test_chunk_sizes(candidate, reference, rng, torch_rng, device):
    """Chunks of one row, of sizes that divide N or do not, of all rows and of more give the same mean, of views too.

    每块一行、块长整除或不整除 N、一块含全部行、块长大于 N，均值都相同；参数是视图时也一样。
    """
    for dtype in DTYPES:
        arguments = draw(rng, torch_rng, device, dtype)
        rows = len(arguments[0])
        for size in (1, 2, 3, rows - 1, rows, rows + 1, 10**6):
            check(candidate, reference, *arguments, size)
        check(candidate, reference, *arguments)
        hidden, weight, labels = arguments
        check(candidate, reference, hidden[:1], weight, labels[:1], 2)  # one row
        check(candidate, reference, hidden, weight[:1], labels * 0, 2)  # a vocabulary of one
        check(candidate, reference, hidden[:, :1].clone(), weight[:, :1].clone(), labels, 2)  # hidden states of one
    columns = torch.cat([hidden, weight]).T.contiguous()  # of one table
    check(candidate, reference, columns[:, :rows].T, columns[:, rows:].T, labels, 2)


@pytest.mark.task("values")
def test_ignored_rows(candidate, reference, rng, torch_rng, device):
    """Rows that are ignored count neither in the sum nor in the number, whatever `ignore_index` is.

    被忽略的行既不计入求和，也不计入行数，无论 `ignore_index` 是多少。
    """
    for ignored in (-100, -1, 0, 2**40):
        hidden, weight, labels = draw(rng, torch_rng, device, ignored=ignored)
        for size in (1, 2, 3, 100):
            check(candidate, reference, hidden, weight, labels, size, ignored)
    hidden, weight, labels = draw(rng, torch_rng, device, ignored=-100)
    check(candidate, reference, hidden, weight, labels, chunk_size=2)


@pytest.mark.task("gradients")
def test_gradients(candidate, reference, rng, torch_rng, device):
    """Both gradients are right, whichever is asked for and whatever the loss is multiplied by.

    两个梯度都正确，无论要求的是哪一个，也无论损失乘以什么系数。
    """
    both = candidate.chunked_cross_entropy, reference.chunked_cross_entropy
    for dtype, ignored, size in ((torch.float64, None, 2), (torch.float64, -100, 3), (torch.float32, -100, 100)):
        arguments = draw(rng, torch_rng, device, dtype, ignored=ignored)
        assert_same_gradients(*both, *arguments, generator=torch_rng, names=NAMES, chunk_size=size)


@pytest.mark.task("gradients")
def test_no_row_counts(candidate, reference, rng, torch_rng, device):
    """When no row counts, loss and gradients are zeros; when one does, they are right.

    没有任何行计入时，损失和梯度都为零；有一行计入时，结果正确。
    """
    both = candidate.chunked_cross_entropy, reference.chunked_cross_entropy
    for dtype in DTYPES:
        hidden, weight, labels = draw(rng, torch_rng, device, dtype)
        none = torch.full_like(labels, -100)
        one = none.clone()
        one[-1] = labels[-1]
        for rows, wanted in ((hidden, one), (hidden, none), (hidden[:0].clone(), labels[:0].clone())):
            assert_same_gradients(*both, rows, weight, wanted, generator=torch_rng, names=NAMES, chunk_size=2)


@pytest.mark.task("gradients")
def test_large_logits(candidate, reference, rng, torch_rng, device):
    """Logits from -10^4 to 10^4 give finite losses and gradients that are right.

    logits 从 -10^4 到 10^4 时，损失和梯度是有限值，且数值正确。
    """
    both = candidate.chunked_cross_entropy, reference.chunked_cross_entropy
    for dtype in DTYPES:
        hidden, weight, labels = draw(rng, torch_rng, device, dtype)
        hidden, weight = (part.mul(9).round().clamp(-25, 25) for part in (hidden, weight))  # exact in float32, too
        if dtype == torch.float32:  # tokens far apart: what it loses of a log-sum-exp of hundreds then shows nowhere
            hidden, weight = hidden.clamp(-1, 1), weight.clamp(-1, 1)
            hidden[:, 0] = torch.where(hidden[:, 0] < 0, -100.0, 100.0)
            weight[:, 0] = 12 * torch.arange(len(weight)) - 80
        hidden[0], weight[0] = 0.0, 0.0
        hidden[0, 0], weight[0, 0] = 100.0, 100.0  # the logit of 10^4
        hidden[1], hidden[2, :] = -hidden[0], 0.0  # of -10^4; and all alike
        assert_same_gradients(
            *both, hidden, weight, labels, generator=torch_rng, names=NAMES, alone=False, chunk_size=2
        )


def draw_many_chunks(rng, torch_rng, device):
    """Arguments whose logits are those of 20 to 30 chunks; and half of the bytes that all of them would take."""
    size, vocabulary = int(rng.integers(2, 5)), int(rng.integers(800, 1_200))
    rows = size * int(rng.integers(20, 30)) - 1
    hidden = torch.randn(rows, 1, generator=torch_rng, dtype=torch.float64).to(device)
    weight = torch.randn(vocabulary, 1, generator=torch_rng, dtype=torch.float64).to(device)
    labels = torch.from_numpy(rng.integers(vocabulary, size=rows)).to(device)
    return (hidden, weight, labels, size), rows * vocabulary * 8 // 2


def check_bytes(most, allowed):
    """No more bytes than allowed; the driver counts them."""
    assert isinstance(most, int) and most <= allowed, (
        f"tensors took {most} bytes at once, {most / allowed / 2:.0%} of what all logits take; at most half is allowed\n"
        f"张量同时占用 {most} 字节，是全部 logits 的 {most / allowed / 2:.0%}；至多允许一半"
    )


@pytest.mark.task("memory")
def test_memory_of_loss_and_gradients(driver, reference, rng, torch_rng, device):
    """Loss and gradients, both or one, are right, and no more than half of all logits exist at once, backward too.

    损失和梯度（两个或其中一个）正确，且前向与反向中同时存在的张量不超过全部 logits 的一半。
    """
    arguments, allowed = draw_many_chunks(rng, torch_rng, device)
    leaves = [part.clone().requires_grad_() for part in arguments[:2]]
    loss = reference.chunked_cross_entropy(*leaves, *arguments[2:])
    loss.backward()
    for wanted in ((True, True), (True, False), (False, True)):
        *found, most = driver.loss_and_gradients(*arguments, wanted)
        gradients = [leaf.grad if grad else None for leaf, grad in zip(leaves, wanted, strict=True)]
        assert_close(found, [loss.detach(), *gradients])
        check_bytes(most, allowed)


@pytest.mark.task("memory")
def test_memory_without_gradients(driver, reference, rng, torch_rng, device):
    """The same holds for the loss alone, where nothing requires grad.

    不需要任何梯度、只求损失时也是如此。
    """
    arguments, allowed = draw_many_chunks(rng, torch_rng, device)
    loss, most = driver.loss_alone(*arguments)
    assert_close(loss, reference.chunked_cross_entropy(*arguments))
    check_bytes(most, allowed)


@pytest.mark.task("contract")
def test_bad_arguments(candidate, reference, rng, torch_rng, device):
    """Shapes that do not fit and a chunk_size below 1 raise ValueError, sound arguments do not.

    形状不符或 `chunk_size` 小于 1 时抛出 `ValueError`，参数有效时不会。
    """
    hidden, weight, labels = draw(rng, torch_rng, device)
    bad = {
        "hidden": [hidden[0], hidden[None], hidden[:, None], hidden[:, :1], hidden[:1], hidden.T],
        "weight": [weight[0], weight[None], weight[:, :-1], weight[:, :1]],
        "labels": [labels[:-1], labels[:1], labels[None], labels[:, None], labels[0]],
    }
    bad = {name: [value.clone() for value in values] for name, values in bad.items()}
    bad["chunk_size"] = [0, -1, -8]
    sound = {"hidden": hidden, "weight": weight, "labels": labels, "chunk_size": 3}
    result = assert_refuses(candidate.chunked_cross_entropy, sound, bad, pairs=False)
    assert_close(result, reference.chunked_cross_entropy(*sound.values()))
    together = {
        ("hidden", "weight"): [(hidden[None].clone(), weight[None].clone()), (hidden[0].clone(), weight[0].clone())]
    }
    together["chunk_size"] = bad["chunk_size"]
    assert_refuses(candidate.chunked_cross_entropy, sound, together)
    empty = {**sound, "hidden": hidden[:0].clone(), "labels": labels[:0].clone()}
    assert_refuses(candidate.chunked_cross_entropy, empty, {"weight": bad["weight"][:2], "chunk_size": [0, -1]})


@pytest.mark.task("contract")
def test_nothing_left_behind(candidate, reference, rng, torch_rng, device):
    """Arguments and global state are as they were, after a loss and gradients that are right.

    在损失和梯度正确的前提下，参数和全局状态保持原样。
    """
    for dtype in DTYPES:
        hidden, weight, labels = draw(rng, torch_rng, device, dtype, ignored=-100)
        expected = reference.chunked_cross_entropy(hidden, weight, labels, 2)
        leaf = hidden.clone().requires_grad_()
        for first in (hidden, leaf):
            second = inout(weight)
            loss = assert_leaves_no_state(candidate.chunked_cross_entropy, first, second, labels, 2)
            assert_close(loss.detach(), expected)
            assert not second.value.requires_grad, "weight requires grad after the call\n调用之后 weight 需要梯度了"
        with torch.no_grad():  # only here it shows when gradients are switched on
            found = assert_leaves_no_state(candidate.chunked_cross_entropy, hidden, weight, labels, 2)
        assert_close(found, expected)
        loss.backward()
        known = hidden.clone().requires_grad_()
        reference.chunked_cross_entropy(known, weight, labels, 2).backward()
        assert_close(leaf.grad, known.grad)
        assert_unchanged(hidden, weight, labels)
