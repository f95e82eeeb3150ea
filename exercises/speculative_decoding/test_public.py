"""Public cases of speculative_decoding: small ones, in which nothing is left to chance."""

import pytest
import torch

from grader.judge import assert_close, assert_each_raises

DRAFT = torch.tensor([[[0.5, 0.5, 0.0], [0.2, 0.8, 0.0]]])
TARGET = torch.tensor([[[0.7, 0.3, 0.0], [0.2, 0.0, 0.8], [0.0, 1.0, 0.0]]])


def step(candidate, proposals, draft=DRAFT, target=TARGET):
    """One round for these proposals."""
    generator = torch.Generator().manual_seed(17)
    return candidate.speculative_step(torch.tensor(proposals), draft, target, generator)


@pytest.mark.task("acceptance")
def test_likely_proposals_stay(candidate):
    """Proposals that the target finds at least as likely as the draft are all kept.

    目标模型给出的概率不低于草稿模型的提议，全部留下。
    """
    assert_close(step(candidate, [[0, 0]])[1], torch.tensor([2]))
    assert_close(
        step(candidate, [[0, 1], [0, 0]], DRAFT.repeat(2, 1, 1), TARGET.repeat(2, 1, 1))[1], torch.tensor([1, 2])
    )


@pytest.mark.task("replacement")
def test_one_replacement_is_possible(candidate):
    """Only token 2 has p > q where proposal 1 is refused, so it takes its place.

    提议 1 被拒绝的位置上，只有 token 2 满足 p > q，所以由它替换。
    """
    assert_close(step(candidate, [[0, 1]])[0], torch.tensor([[0, 2, -1]]))


@pytest.mark.task("rows")
def test_rows_by_hand(candidate):
    """A refusal ends its row, here in the first place, in the second, and nowhere.

    一次拒绝就结束该行：这里分别是第一个位置、第二个位置，以及没有拒绝。
    """
    draft, target = DRAFT.repeat(3, 1, 1), TARGET.repeat(3, 1, 1)
    target[0, 0] = torch.tensor([0.0, 0.0, 1.0])
    tokens, accepted = step(candidate, [[0, 0], [0, 1], [0, 0]], draft, target)
    assert_close(tokens, torch.tensor([[2, -1, -1], [0, 2, -1], [0, 0, 1]]))
    assert_close(accepted, torch.tensor([0, 1, 2]))


@pytest.mark.task("contract")
def test_impossible_proposal(candidate):
    """A proposal that the draft cannot have made is refused with an error.

    草稿模型不可能给出的提议会报错。
    """
    assert_close(step(candidate, [[0, 0]])[0], torch.tensor([[0, 0, 1]]))
    generator = torch.Generator().manual_seed(17)
    bad = (torch.tensor([[2, 0]]), DRAFT, TARGET, generator)
    assert_each_raises(ValueError, candidate.speculative_step, [bad])
