"""The code of older `bug` entries is wrong in the line that is the key, and right once that line is mended.

A function beside each entry says what its code is for. That fails for the code of the prompt and holds after the edits,
one of which changes the line that the right choice names. Not here: code that needs several processes or minutes.
"""

from __future__ import annotations

import contextlib
import copy
import io
import math
import re
import sqlite3
import warnings
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score
from sklearn.tree import DecisionTreeRegressor

from grader.content.pack import Pack, builtin_pack_root

torch = pytest.importorskip("torch")
F = torch.nn.functional
PACK = Pack(builtin_pack_root())
_FENCE = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
_BREAKS = (AssertionError, RuntimeError, ValueError)
Names = SimpleNamespace
Edits = Sequence[tuple[str, str]]
FAULTS: dict[str, tuple[Edits, Callable[[Names], None], str]] = {}


def fault(entry_id: str, *edits: tuple[str, str], until: str = "") -> Callable[..., Callable[[Names], None]]:
    """Register what code is for, and how its entry mends it; of scripts, only what stands before `until` is run."""

    def register(works: Callable[[Names], None]) -> Callable[[Names], None]:
        FAULTS[entry_id] = (edits, works, until)
        return works

    return register


def code_of(entry_id: str) -> str:
    """The code of the prompt, the same in both languages."""
    prompt = PACK.entry(entry_id).prompt
    english, chinese = (_FENCE.search(text) for text in (prompt.en, prompt.zh))
    assert english
    assert chinese
    assert english.group(1) == chinese.group(1)
    source = english.group(1)
    until = FAULTS[entry_id][2]
    return source.split(until)[0] if until else source


def marked_line(entry_id: str) -> str:
    """The mark of the line that the right choice names, such as `(3)`."""
    (right,) = [choice.text.en for choice in PACK.entry(entry_id).choices if choice.correct]
    found = re.match(r"(?:Line )?(\(\d\))", right)
    assert found, right
    return found.group(1)


def mended(entry_id: str) -> str:
    """The code after the edits; each text to replace occurs once, and the marked line changes."""
    source = code_of(entry_id)
    (line,) = [line for line in source.splitlines() if marked_line(entry_id) in line.split("#")[-1]]
    result = source
    for old, new in FAULTS[entry_id][0]:
        assert result.count(old) == 1, old
        result = result.replace(old, new)
    assert line not in result.splitlines(), "the line of the key is as it was"
    return result


def run(source: str) -> Names:
    """The names that the code defines; what its file would have imported is there."""
    names: dict[str, Any] = {
        "torch": torch, "nn": torch.nn, "F": F, "np": np, "pd": pd, "re": re, "copy": copy,
        "DecisionTreeRegressor": DecisionTreeRegressor, "grad": torch.func.grad, "vmap": torch.func.vmap,
        "functional_call": torch.func.functional_call, "rotate": rotate, "urlsplit": urlsplit,
    }  # fmt: skip
    exec(compile(source, "<entry>", "exec"), names)  # our own text
    return SimpleNamespace(**names)


def rotate(x: torch.Tensor, position: int) -> torch.Tensor:
    """Turn the pairs of a vector by the angles of a position."""
    angles = position * 0.3 ** torch.arange(x.shape[-1] // 2)
    first, second = x.chunk(2, dim=-1)
    turned = first * angles.cos() - second * angles.sin(), first * angles.sin() + second * angles.cos()
    return torch.cat(turned, dim=-1)


@fault("nucleus-that-crashes", ("probs.cumsum(dim=-1) > p", "probs.cumsum(dim=-1) - probs >= p"))
def _a_sure_token_is_drawn(names: Names) -> None:
    assert int(names.sample_top_p(torch.tensor([[9.0, 0.0, 1.0]]), 0.9)) == 0


@fault(
    "causal-weights-row-sums",
    ("scores.softmax(dim=-1)", 'scores.masked_fill(~visible, float("-inf")).softmax(dim=-1)'),
    ("    weights = weights * visible  # (3)\n", ""),
)
def _it_is_causal_attention(names: Names) -> None:
    q, k, v = (torch.randn(2, 3, 6, 4, generator=torch.Generator().manual_seed(seed)) for seed in range(3))
    expected = F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2)
    torch.testing.assert_close(names.attention(q, k, v, names.visible), expected)


@fault("sentences-that-see-each-other", ("bidirectional=True)", "bidirectional=True, batch_first=True)"))
def _a_sentence_has_its_tags_in_any_batch(names: Names) -> None:
    torch.manual_seed(0)
    tagger = names.Tagger(20, 8, 3).eval()
    tokens = torch.randint(20, (4, 5), generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(tagger(tokens)[:1], tagger(tokens[:1]))


@fault("ten-class-loss-floor", (".softmax(dim=-1)  # (2)", "  # (2)"), until="for epoch")
def _the_loss_of_a_sure_right_answer_is_near_zero(names: Names) -> None:
    names.model.body = torch.nn.Identity()
    names.model.head = torch.nn.Identity()
    sure = 100 * torch.eye(10)
    assert float(names.loss_fn(names.model(sure), torch.arange(10))) < 0.01


@fault(
    "boosting-good-in-training-wild-in-predict",
    ("self.base + sum(tree.predict(X) for tree in self.trees)",
     "self.base + self.rate * sum(tree.predict(X) for tree in self.trees)"),
)  # fmt: skip
def _predict_has_the_training_error(names: Names) -> None:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(200, 3))
    target = rows[:, 0] ** 2 + rng.normal(0, 0.1, 200)
    booster = names.Booster().fit(rows, target, rounds=30)
    assert np.sqrt(((target - booster.predict(rows)) ** 2).mean()) == pytest.approx(booster.train_error)


@fault(
    "kmeans-one-cluster-takes-all",
    ("        centers = np.stack([X[owner == j].mean(0) for j in range(k)])",
     "        own = distance[np.arange(len(X)), owner]\n"
     "        centers = np.stack([X[owner == j].mean(0) if (owner == j).any() else X[own.argmax()] "
     "for j in range(k)])"),
)  # fmt: skip
def _no_cluster_takes_all(names: Names) -> None:
    groups = [np.random.default_rng(1).normal(center, 0.3, (100, 2)) for center in (0, 20, 40)]
    for seed in range(10):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            centers, owner = names.kmeans(np.vstack(groups), 6, np.random.default_rng(seed))
        assert np.isfinite(centers).all()
        assert np.bincount(owner).max() < 300


@fault(
    "long-documents-all-in-class-zero",
    ("prior * np.prod(rates ** doc, axis=1)", "np.log(prior) + doc @ np.log(rates).T"),
)
def _long_documents_are_told_apart(names: Names) -> None:
    rng = np.random.default_rng(0)
    shares = np.stack([np.r_[np.full(1000, 3.0), np.ones(1000)], np.r_[np.ones(1000), np.full(1000, 3.0)]])
    shares /= shares.sum(1, keepdims=True)
    docs = np.stack([rng.multinomial(400, shares[i % 2]) for i in range(60)])
    fitted = names.fit(docs, np.arange(60) % 2)
    assert [names.classify(doc, *fitted) for doc in docs[:10]] == [0, 1] * 5


@fault(
    "ridge-that-depends-on-celsius",
    ("penalty = strength * np.eye(A.shape[1])", "penalty = strength * np.diag([0.0] + [1.0] * X.shape[1])"),
)
def _a_shifted_target_shifts_predictions(names: Names) -> None:
    rng = np.random.default_rng(0)
    rows, target = rng.normal(3, 1, (40, 2)), rng.normal(10, 5, 40)
    celsius, kelvin = names.fit(rows, target, 20.0), names.fit(rows, target + 273.15, 20.0)
    np.testing.assert_allclose(names.predict(rows, kelvin), names.predict(rows, celsius) + 273.15)


@fault(
    "negative-distillation-loss",
    ("student = F.softmax(student_logits", "student = F.log_softmax(student_logits"),
)
def _a_student_that_agrees_has_no_soft_loss(names: Names) -> None:
    logits = torch.randn(8, 5, generator=torch.Generator().manual_seed(0))
    loss = names.distillation_loss(logits, logits, torch.zeros(8, dtype=torch.long), alpha=1.0)
    assert float(loss) == pytest.approx(0, abs=1e-5)


@fault(
    "weights-that-never-move",
    ("q = torch.round(self.weight / scale).clamp(-127, 127)  # (2)",
     "q = torch.round(self.weight.detach() / scale).clamp(-127, 127)"),
    ("w = q * scale", "w = self.weight + (q * scale - self.weight).detach()"),
)  # fmt: skip
def _weights_get_a_gradient(names: Names) -> None:
    layer = names.QuantLinear(4, 3)
    layer(torch.ones(2, 4)).sum().backward()
    assert layer.weight.grad is not None
    assert bool(layer.weight.grad.any())


@fault(
    "balance-two-classes",
    ("X_maj, y_maj, replace=True, n_samples=len(y_min)", "X_min, y_min, replace=True, n_samples=len(y_maj)"),
    ("np.concatenate([X_min, X_new])", "np.concatenate([X_maj, X_new])"),
    ("np.concatenate([y_min, y_new])", "np.concatenate([y_maj, y_new])"),
)
def _the_minority_is_drawn_up(names: Names) -> None:
    labels = np.r_[np.zeros(950, int), np.ones(50, int)]
    rows, drawn = names.upsample_minority(np.arange(1000.0)[:, None], labels)
    assert np.bincount(drawn).tolist() == [950, 950]
    assert (labels[rows[:, 0].astype(int)] == drawn).all()


@fault("crop-with-dark-borders", ("rng.integers(0, h, size=n)", "rng.integers(0, h - size + 1, size=n)"))
def _crops_of_white_are_white(names: Names) -> None:
    assert (names.random_crops(np.ones((50, 3, 32, 32)), 28, np.random.default_rng(0)) == 1).all()


@fault("one-step-forecast-on-noise", ("length + horizon - 2", "length + horizon - 1"))
def _the_target_is_horizon_steps_ahead(names: Names) -> None:
    windows, target = names.make_windows(np.arange(20), 5, 3)
    assert (target - windows[:, -1] == 3).all()


@fault("yesterday-of-another-shop", ('sales["units"].shift(1)', 'sales.groupby("shop")["units"].shift(1)'))
def _yesterday_is_of_the_same_shop(names: Names) -> None:
    units = {"A": [10, 12, 14], "B": [100, 110, 120]}
    rows = [(shop, day, value) for shop, values in units.items() for day, value in enumerate(values)]
    features = names.add_features(pd.DataFrame(rows, columns=["shop", "day", "units"]))
    assert features["yesterday"].tolist() == [10, 12, 100, 110]


@fault(
    "folding-that-shifts-some-models",
    ("old - bn.running_mean * scale + bn.bias", "(old - bn.running_mean) * scale + bn.bias"),
)
def _a_folded_convolution_with_a_bias_agrees(names: Names) -> None:
    torch.manual_seed(0)
    conv, norm = torch.nn.Conv2d(3, 4, 3, padding=1), torch.nn.BatchNorm2d(4)
    norm(conv(torch.randn(8, 3, 6, 6)))
    torch.nn.init.normal_(norm.weight)
    images = torch.randn(2, 3, 6, 6)
    torch.testing.assert_close(names.fold(conv, norm)(images), norm.eval()(conv(images)), rtol=1e-4, atol=1e-5)


@fault(
    "fedavg-round-shrinks-the-model",
    ("    total = sum(c.num_samples for c in clients)                         # (1)\n", ""),
    ("    new_w = np.zeros_like", "    total = sum(clients[k].num_samples for k in picked)\n    new_w = np.zeros_like"),
)
def _clients_that_agree_leave_the_model(names: Names) -> None:
    clients = [SimpleNamespace(num_samples=10 + number, train=lambda w: w) for number in range(20)]
    after = names.server_round(np.ones(3), clients, 0.2, np.random.default_rng(0))
    np.testing.assert_allclose(after, np.ones(3))


@fault("auc-in-the-eval-loop", ("scores.append((probs > 0.5).float().cpu())", "scores.append(probs.cpu())"))
def _the_auc_is_that_of_the_logits(names: Names) -> None:
    generator = torch.Generator().manual_seed(0)
    labels = (torch.rand(300, generator=generator) < 0.13).long()
    logits = torch.randn(300, 1, generator=generator) + 2 * labels[:, None] - 2
    reported = names.evaluate(torch.nn.Identity(), [(logits, labels)], "cpu")["roc_auc"]
    assert reported == pytest.approx(roc_auc_score(labels, logits[:, 0]))


@fault(
    "conversion-of-one-hundred-percent",
    ("p.user_id = a.user_id  ", "p.user_id = a.user_id AND p.day >= ?  "),
    ("        WHERE p.day >= ?                                                             -- (3)\n", ""),
)
def _those_who_bought_nothing_count(names: Names) -> None:
    db = sqlite3.connect(":memory:")
    db.executescript(
        "CREATE TABLE assigned (user_id, arm); CREATE TABLE purchases (user_id, day);"
        "INSERT INTO assigned VALUES (1, 'a'), (2, 'a'), (3, 'b'), (4, 'b'), (5, 'b'), (6, 'b');"
        "INSERT INTO purchases VALUES (1, 12), (1, 13), (2, 3), (3, 11);"
    )
    assert names.conversion(db, 10) == {"a": 0.5, "b": 0.25}


@fault(
    "scorecard-that-never-moves",
    ("scores.get(name, MIDDLE)", "scores[name]"),
    ("    total = 0.0", "    if scores.keys() != weights.keys():\n        raise ValueError('names')\n    total = 0.0"),
)
def _names_that_differ_are_refused(names: Names) -> None:
    said = {"data_quality": 1, "business_value": 2, "technical_feasibility": 2, "demand": 5, "improvability": 4}
    with contextlib.suppress(ValueError):  # refused, which is right
        assert names.opportunity_score(said) != names.opportunity_score(said | {"data_quality": 5})
    matching = dict(zip(names.WEIGHTS, said.values(), strict=True))
    assert names.opportunity_score(matching) == 2.5


@fault("ddim-sampler-that-stays-noisy", ("np.sqrt(1 - now) * noise             #", "np.sqrt(1 - before) * noise  #"))
def _samples_have_the_deviation_of_the_data(names: Names) -> None:
    alpha_bar = np.cumprod(1 - np.linspace(1e-4, 0.02, 1000))

    def exact_noise(x: np.ndarray, t: int) -> np.ndarray:
        signal, noise = math.sqrt(alpha_bar[t]), math.sqrt(1 - alpha_bar[t])
        return noise * (x - signal) / (signal**2 * 0.04 + noise**2)

    samples = names.sample(exact_noise, alpha_bar, 1000, np.random.default_rng(0), 20_000)
    assert samples.mean() == pytest.approx(1, abs=0.02)
    assert samples.std() == pytest.approx(0.198, abs=0.005)


@fault(
    "agent-that-asks-how-can-i-help",
    ("model(messages[-window:])", "model([messages[0], *messages[1:][-window:]])"),
)
def _the_model_always_sees_the_task(names: Names) -> None:
    steps = iter(range(20))

    def model(messages: list[dict[str, Any]]) -> Names:
        assert messages[0]["content"] == "the task"
        call = SimpleNamespace(name="look", arguments={}, id=next(steps))
        return SimpleNamespace(text="done", calls=[call] if call.id < 15 else [])

    assert names.run_agent("the task", model, {"look": lambda: "seen"}) == "done"


@fault("balance-loss-that-changes-nothing", ("(load * load).sum()", "(load * probs.mean(dim=0)).sum()"))
def _the_router_gets_a_gradient(names: Names) -> None:
    logits = torch.randn(50, 4, generator=torch.Generator().manual_seed(0)).requires_grad_()
    loss = names.balance_loss(logits, 2)
    loss.backward()
    assert bool(logits.grad.any())


@fault(
    "causal-loss-counts-in-twos",
    ("    logits, labels = logits[:, :-1], labels[:, 1:]                         # (2)\n", ""),
)
def _a_model_that_counts_has_no_loss(names: Names) -> None:
    inputs, labels = names.collate([torch.arange(3, 9), torch.arange(1, 7)])
    knows = 50.0 * F.one_hot(inputs + 1, 12)
    assert float(names.causal_lm_loss(knows, labels)) < 1e-6


@fault(
    "chunked-linear-attention-sees-too-much",
    ("        state = state + kc.T @ vc                                 # (3)\n", ""),
    ("+ qc @ state)                  # (4)", "+ qc @ state)\n        state = state + kc.T @ vc"),
)
def _chunks_equal_the_recurrence(names: Names) -> None:
    q, k, v = (torch.randn(10, 4, generator=torch.Generator().manual_seed(s), dtype=torch.float64) for s in range(3))
    expected = torch.stack([q[t] @ sum(torch.outer(k[s], v[s]) for s in range(t + 1)) for t in range(10)])
    for size in (1, 3, 5, 10):
        torch.testing.assert_close(names.chunked(q, k, v, size), expected)


@fault("contamination-check-that-finds-too-little", ("ngrams(document.split(), n)", "ngrams(words(document), n)"))
def _a_copied_question_is_found(names: Names) -> None:
    item = "If a train travels 60 km in 45 minutes, what is its average speed in km per hour?"
    assert names.contaminated([item], [f"Page 3. {item} Answer: 80."]) == [item]


@fault(
    "dpo-loss-stays-at-log-two",
    ("reference = policy.eval()", "reference = copy.deepcopy(policy).eval().requires_grad_(False)"),
)
def _the_loss_falls_on_one_batch(names: Names) -> None:
    torch.manual_seed(0)
    policy = torch.nn.Sequential(torch.nn.Embedding(9, 8), torch.nn.Linear(8, 9))
    pair = torch.tensor([[1, 2, 3]]), torch.tensor([[1, 5, 6]])
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        names.train(policy, [pair] * 5, lr=0.05)
    losses = [float(line) for line in printed.getvalue().split()]
    assert losses[0] == 0.6931
    assert losses[-1] < 0.6


@fault(
    "image-allowlist-that-lets-through",
    ("any(url.startswith(prefix) for prefix in ALLOWED)",
     "(lambda parts: f'{parts.scheme}://{parts.hostname}' in ALLOWED)(urlsplit(url))"),
)  # fmt: skip
def _only_the_two_hosts_pass(names: Names) -> None:
    good = "![a](https://docs.example.com/p.png)"
    assert names.strip_images(good) == good
    for host in ("docs.example.com.evil.net", "docs.example.com@evil.net", "evil.net"):
        assert "evil" not in names.strip_images(f"![a](https://{host}/p.png?d=c2FsYXJ5)")


@fault("online-softmax-block-by-block", ("out = out + weights", "out = out * np.exp(top - new_top) + weights"))
def _weights_sum_to_one(names: Names) -> None:
    rng = np.random.default_rng(0)
    query, keys = rng.normal(size=16), rng.normal(size=(1000, 16))
    np.testing.assert_allclose(names.attend(query, keys, np.ones((1000, 2))), 1.0)


@fault(
    "repetition-penalty-that-encourages",
    (
        "out[seen] = out[seen] / penalty",
        "out[seen] = np.where(out[seen] > 0, out[seen] / penalty, out[seen] * penalty)",
    ),
)
def _a_penalty_lowers_the_logit(names: Names) -> None:
    logits = np.array([-2.0, -1.0, -3.0, -1.5])
    assert names.penalize(logits, [1], 1.3)[1] < logits[1]


@fault("rolling-key-cache-after-the-wrap", ("rotate(key, slot)", "rotate(key, self.seen)"))
def _a_window_equals_recomputing(names: Names) -> None:
    generator = torch.Generator().manual_seed(0)
    cache, window = names.RollingCache(4, 8), 4
    queries, keys, values = (torch.randn(12, 8, generator=generator) for _ in range(3))
    for t in range(12):
        seen = range(max(0, t - window + 1), t + 1)
        scores = torch.stack([rotate(keys[s], s) @ rotate(queries[t], t) for s in seen]) / 8**0.5
        expected = scores.softmax(-1) @ values[seen.start : seen.stop]
        torch.testing.assert_close(cache.attend(queries[t], keys[t], values[t]), expected, rtol=1e-4, atol=1e-5)


@fault(
    "small-tenants-get-nothing",
    ("best = order[:k]  ", "best = order[tenants[order] == tenant][:k]  "),
)
def _a_small_tenant_gets_its_passages(names: Names) -> None:
    vectors = np.random.default_rng(0).normal(size=(4000, 8))
    tenants = np.r_[np.zeros(3984, int), np.ones(16, int)]
    found = names.search(vectors[0], vectors, tenants, 1)
    own = np.arange(3984, 4000)
    assert found == own[np.argsort(-(vectors[own] @ vectors[0]))[:5]].tolist()


@fault(
    "stream-with-replacement-characters",
    (
        "    for token_id",
        "    decoder = __import__('codecs').getincrementaldecoder('utf-8')(errors='replace')\n    for token_id",
    ),
    ('piece.decode("utf-8", errors="replace")', "decoder.decode(piece)"),
)
def _a_character_may_span_tokens(names: Names) -> None:
    whole = "价格 🙂".encode()
    vocab = dict(enumerate([whole[:1], whole[1:5], whole[5:9], whole[9:]]))
    assert "".join(names.stream(range(4), vocab)) == "价格 🙂"


@fault("a-bank-of-features", ("features.append(f)  ", "features.append(f.detach())  "), until="\nfor epoch")
def _stored_features_hold_no_graph(names: Names) -> None:
    bank, _ = names.build_bank(torch.nn.Linear(3, 4), [(torch.ones(2, 3), torch.zeros(2))] * 2, "cpu")
    assert bank.grad_fn is None


@fault(
    "best-score-after-first-epoch",
    ("    model.train()                                            # (1)\n", ""),
    ("    for epoch in range(epochs):\n", "    for epoch in range(epochs):\n        model.train()\n"),
)
def _every_epoch_trains_in_training_mode(names: Names) -> None:
    modes = []

    class Watched(torch.nn.Linear):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            modes.append(self.training)
            return super().forward(x)

    model = Watched(3, 2)
    batches = [(torch.ones(2, 3), torch.tensor([0, 1]))]
    with contextlib.redirect_stdout(io.StringIO()):
        names.fit(model, batches, batches, torch.optim.SGD(model.parameters(), lr=0.1), 3)
    assert modes == [True, False] * 3


@fault("two-answers-to-one-request", ("p=self.p)  ", "p=self.p, training=self.training)  "), until="\nhead = Head")
def _one_request_has_one_answer(names: Names) -> None:
    head, features = names.Head(16, 3).eval(), torch.ones(4, 16)
    torch.testing.assert_close(head(features), head(features))


@fault(
    "clipping-tensor-by-tensor",
    ("    with torch.no_grad():\n",
     "    norms = torch.stack([g.flatten(1).norm(dim=1) for g in grads.values()]).norm(dim=0).unsqueeze(1)\n"
     "    with torch.no_grad():\n"),
    ("            norms = g.norm(dim=1, keepdim=True)                          # (2)\n", ""),
)  # fmt: skip
def _one_record_moves_the_sum_by_clip_at_most(names: Names) -> None:
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Linear(8, 1))
    before = torch.nn.utils.parameters_to_vector(model.parameters()).detach().clone()
    names.dp_sgd_step(model, F.mse_loss, torch.full((1, 4), 50.0), torch.zeros(1, 1), 1.0, 0.5, 0.0, 1)
    moved = torch.nn.utils.parameters_to_vector(model.parameters()).detach() - before
    assert float(moved.norm()) <= 0.5 * 1.0001


@fault("pgd-attack-too-strong", ("torch.clamp(moved, adv - eps, adv + eps)", "torch.clamp(moved, x - eps, x + eps)"))
def _the_attack_stays_in_its_ball(names: Names) -> None:
    torch.manual_seed(0)
    model, images = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(12, 3)), torch.rand(5, 3, 2, 2)
    adversarial = names.pgd(model, images, torch.tensor([0, 1, 2, 0, 1]), 8 / 255, 2 / 255, 20)
    assert float((adversarial - images).abs().max()) <= 8 / 255 + 1e-6


@pytest.mark.parametrize("entry_id", FAULTS)
def test_the_code_of_the_prompt_is_wrong(entry_id: str) -> None:
    """It does not do what it is for."""
    names = run(code_of(entry_id))
    with pytest.raises(_BREAKS):
        FAULTS[entry_id][1](names)


@pytest.mark.parametrize("entry_id", FAULTS)
def test_the_line_of_the_key_mends_it(entry_id: str) -> None:
    """With the line that the right choice names mended, it does."""
    FAULTS[entry_id][1](run(mended(entry_id)))
