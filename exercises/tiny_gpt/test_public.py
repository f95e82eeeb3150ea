"""Public cases of tiny_gpt: a model whose only layer adds nothing, worked out by hand."""

import pytest
import torch

from grader.judge import assert_close, assert_each_raises

EMBED = torch.tensor([[1.0, 1.0], [1.0, -1.0], [2.0, 0.0]])
LOGITS = torch.tensor([[[3.0, -1.0, 2.0], [-1.0, 3.0, 2.0]]])


def silent(candidate):
    """Three tokens, width 2, one layer of zeros, and a final norm that doubles the second element."""
    model = candidate.TinyGPT(3, 2, 1, 1, 1)
    state = {name: torch.zeros_like(weight) for name, weight in dict(model.state_dict()).items()}
    model.load_state_dict(state | {"embed.weight": EMBED, "final_norm.weight": torch.tensor([1.0, 2.0])})
    return model


@pytest.mark.task("logits")
def test_logits_by_hand(candidate):
    """The vector (1, 1) becomes (1, 2), whose dot products with the embeddings are 3, -1 and 2.

    向量 (1, 1) 变为 (1, 2)，它与各嵌入的点积是 3、-1、2。
    """
    assert_close(silent(candidate)(torch.tensor([[0, 1]])).detach(), LOGITS)


@pytest.mark.task("cache")
def test_cache_by_hand(candidate):
    """Token by token the logits are the same, and the cache counts.

    逐个 token 传入，logits 相同，缓存的计数也正确。
    """
    model = silent(candidate)
    cache = model.new_cache()
    for place in range(2):
        assert_close(cache.length, place)
        assert_close(model(torch.tensor([[place]]), cache).detach(), LOGITS[:, place : place + 1])


@pytest.mark.task("generation")
def test_greedy_by_hand(candidate):
    """After token 1 comes 1 again, as its logit is 3.

    token 1 之后还是 1，因为它的 logit 为 3。
    """
    assert_close(
        silent(candidate).generate(torch.tensor([[0, 1], [1, 0]]), 2), torch.tensor([[0, 1, 1, 1], [1, 0, 0, 0]])
    )


@pytest.mark.task("contract")
def test_unknown_token(candidate):
    """Token 3 of a vocabulary of 3 is refused.

    词表大小为 3 时，token 3 会被拒绝。
    """
    model = silent(candidate)
    assert_close(model(torch.tensor([[0, 1]])).detach(), LOGITS)
    assert_each_raises(ValueError, model, [(torch.tensor([[0, 3]]),)])
