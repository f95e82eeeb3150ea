"""Speculative sampling one sequence at a time, with uniform numbers and sums of Python."""

from bisect import bisect_right
from itertools import accumulate, count

import torch


def speculative_step(draft_tokens, draft_probs, target_probs, generator):
    if (draft_tokens.dim(), draft_probs.dim(), target_probs.dim()) != (2, 3, 3):
        raise ValueError("shapes")
    sizes = [*draft_tokens.shape, draft_probs.shape[-1]]
    if list(draft_probs.shape) != sizes or list(target_probs.shape) != [sizes[0], sizes[1] + 1, sizes[2]]:
        raise ValueError("shapes")
    if any(not 0 <= token < sizes[2] for row in draft_tokens.tolist() for token in row):
        raise ValueError("tokens")
    uniforms = torch.rand(sizes[0], sizes[1] + 1, generator=generator, dtype=torch.double).tolist()
    tables = draft_tokens.tolist(), draft_probs.tolist(), target_probs.tolist(), uniforms
    if any(q[i][x] == 0 for row, q in zip(*tables[:2], strict=True) for i, x in enumerate(row)):
        raise ValueError("a proposal that cannot be")
    rows = [verify(*row) for row in zip(*tables, strict=True)]
    tokens = [[*row, *[-1] * (sizes[1] + 1 - len(row))] for row in rows]
    tokens = torch.tensor(tokens, dtype=torch.int64).reshape(sizes[0], sizes[1] + 1)
    return tokens, torch.tensor([len(row) - 1 for row in rows], dtype=torch.int64)


def verify(proposals, draft, target, uniforms):
    """The accepted proposals and one more token."""
    for i, token in enumerate(proposals):
        if uniforms[i] >= min(1.0, target[i][token] / draft[i][token]):
            weights = [max(0.0, p - q) for p, q in zip(target[i], draft[i], strict=True)]
            return [*proposals[:i], choose(weights if any(weights) else target[i], uniforms[-1])]
    return [*proposals, choose(target[-1], uniforms[-1])]


def choose(weights, uniform):
    """The token in whose stretch of the cumulative weights the uniform number lies."""
    ends = list(accumulate(weights))
    place = bisect_right(ends, uniform * ends[-1])
    return next(token for token in count(place) if weights[token] > 0)
