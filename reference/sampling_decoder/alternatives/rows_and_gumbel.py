"""Row by row with Python's own sort, and draws by the Gumbel-max trick instead of a sampler."""

import math

import torch


def check(temperature, top_k, top_p):
    if math.isnan(temperature) or math.isinf(temperature) or temperature < 0:
        raise ValueError("temperature")
    if top_k is not None and top_k <= 0:
        raise ValueError("top_k")
    if not (top_p > 0 and top_p <= 1):
        raise ValueError("top_p")


def kept_of_row(row, temperature, top_k, top_p):
    """The kept tokens of one row, a list of floats, with their probabilities."""
    ranking = sorted(range(len(row)), key=lambda token: (-row[token], token))
    if temperature == 0:
        return {ranking[0]: 1.0}
    best = row[ranking[0]]
    weights = {token: math.exp((row[token] - best) / temperature) for token in ranking[:top_k]}
    total = math.fsum(weights.values())
    kept, reached = {}, 0.0
    for token, weight in weights.items():
        kept[token] = weight
        reached += weight / total
        if top_p < 1 and reached >= top_p - 1e-6:
            break
    total = math.fsum(kept.values())
    return {token: weight / total for token, weight in kept.items()}


def next_token_probs(logits, temperature=1.0, top_k=None, top_p=1.0):
    check(temperature, top_k, top_p)
    probs = torch.zeros(logits.shape, dtype=torch.float64)
    for place, row in enumerate(logits.tolist()):
        for token, probability in kept_of_row(row, temperature, top_k, top_p).items():
            probs[place, token] = probability
    return probs.to(logits)


def sample_tokens(logits, generator, temperature=1.0, top_k=None, top_p=1.0):
    scores = next_token_probs(logits.double(), temperature, top_k, top_p).log()
    uniform = torch.rand(scores.shape, generator=generator, dtype=torch.float64)
    return (scores - (-uniform.log()).log()).argmax(dim=1)
