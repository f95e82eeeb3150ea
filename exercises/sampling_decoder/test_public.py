"""Public cases of sampling_decoder: small ones, worked out by hand."""

import pytest
import torch

from grader.judge import assert_close, assert_each_raises, assert_leaves_no_state, fresh

EIGHTHS = (1.0, 2.0, 2.0, 3.0)  # tokens 1 and 2 are equally likely


def eighths():
    """Logits (1, 4) of the probabilities 1/8, 2/8, 2/8 and 3/8."""
    return torch.tensor([EIGHTHS]).log()


@pytest.mark.task("contract")
def test_first_calls(candidate, torch_rng):
    """The first calls, whose results are right, leave random generators, modes and defaults as they were.

    最初的几次调用结果正确，且随机数生成器、各种模式与默认值都保持原样。
    """
    probs = assert_leaves_no_state(candidate.next_token_probs, eighths())
    assert_close(probs, torch.tensor([[0.125, 0.25, 0.25, 0.375]]))
    token = assert_leaves_no_state(candidate.sample_tokens, eighths(), fresh(torch_rng), 1.0, 1)
    assert_close(token, torch.tensor([3]))


@pytest.mark.task("probabilities")
def test_temperature_by_hand(candidate):
    """A temperature of 1/2 squares the odds: 1, 4, 4 and 9 of 18.

    温度为 1/2 时，概率之比变成平方：18 份中的 1、4、4、9 份。
    """
    assert_close(candidate.next_token_probs(eighths(), 0.5), torch.tensor([[1.0, 4.0, 4.0, 9.0]]) / 18)


@pytest.mark.task("probabilities")
def test_top_p_by_hand(candidate):
    """3/8 and 2/8 fall short of 0.63, so a third token is kept; 3/8 reaches 0.37.

    3/8 加 2/8 不到 0.63，因此要保留第三个 token；3/8 则已达到 0.37。
    """
    assert_close(candidate.next_token_probs(eighths(), top_p=0.63), torch.tensor([[0.0, 2 / 7, 2 / 7, 3 / 7]]))
    assert_close(candidate.next_token_probs(eighths(), top_p=0.37), torch.tensor([[0.0, 0.0, 0.0, 1.0]]))


@pytest.mark.task("boundaries")
def test_equal_logits_by_hand(candidate):
    """With `top_k` 2, or a `top_p` of exactly 5/8, the lower id of the two equal tokens is kept.

    `top_k` 为 2，或 `top_p` 恰好是 5/8 时，两个相等的 token 中保留 id 小的那个。
    """
    for settings in ({"top_k": 2}, {"top_p": 0.625}):
        assert_close(candidate.next_token_probs(eighths(), **settings), torch.tensor([[0.0, 0.4, 0.0, 0.6]]))


@pytest.mark.task("sampling")
def test_a_thousand_draws(candidate, torch_rng):
    """Of a thousand draws with `top_k` 3, none is token 0, and all others come.

    `top_k` 为 3 时抽取一千次，不会出现 token 0，其余的都会出现。
    """
    tokens = candidate.sample_tokens(eighths().expand(1_000, 4).clone(), fresh(torch_rng), top_k=3)
    assert_close(tokens.unique(), torch.tensor([1, 2, 3]))


@pytest.mark.task("contract")
def test_settings_out_of_range(candidate):
    """A negative temperature, a `top_k` of 0 and a `top_p` of 0 are refused; sound ones are not.

    负的温度、为 0 的 `top_k` 和为 0 的 `top_p` 会被拒绝，有效的参数不会。
    """
    assert_close(candidate.next_token_probs(eighths(), 1.0, 4, 1.0), torch.tensor([EIGHTHS]) / 8)
    bad = [(eighths(), -1.0), (eighths(), 1.0, 0), (eighths(), 1.0, None, 0.0)]
    assert_each_raises(ValueError, candidate.next_token_probs, bad)
