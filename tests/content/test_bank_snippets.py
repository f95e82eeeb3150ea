"""The faulty code of entries shows the symptom that is told of it, and the correction of the answer mends it.

Each case takes the code out of the prompt, sees it fail, puts a line of the answer's code in, and sees it work.
"""

from __future__ import annotations

import re
import threading
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from grader.content.pack import Pack, builtin_pack_root

torch = pytest.importorskip("torch")
PACK = Pack(builtin_pack_root())
_FENCE = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)


def fence(text: str) -> str:
    """The first block of Python in a text."""
    found = _FENCE.search(text)
    assert found, "there is no code"
    return found.group(1)


def faulty(entry_id: str) -> str:
    """The code of an entry's prompt, which is the same in both languages."""
    prompt = PACK.entry(entry_id).prompt
    assert fence(prompt.en) == fence(prompt.zh)
    return fence(prompt.en)


def mended(entry_id: str, marked: str, corrections: str) -> str:
    """That code with its line `marked` replaced by lines of the answer, indented alike."""
    lines = faulty(entry_id).splitlines()
    (place,) = [number for number, line in enumerate(lines) if marked in line]
    indent = lines[place][: len(lines[place]) - len(lines[place].lstrip())]
    said = fence(PACK.entry(entry_id).answer.en)
    for correction in corrections.splitlines():
        assert correction in said, "the answer does not say so"
    lines[place : place + 1] = [indent + correction for correction in corrections.splitlines()]
    return "\n".join(lines)


def run(source: str) -> SimpleNamespace:
    """The names that the code defines."""
    names: dict[str, Any] = {"torch": torch, "np": np, "pd": pd}
    exec(compile(source, "<entry>", "exec"), names)  # our own text, checked above
    return SimpleNamespace(**names)


class TestSecondChunk:
    """`second-chunk-goes-wrong`."""

    ENTRY = "second-chunk-goes-wrong"

    @pytest.fixture
    def qkv(self) -> tuple[torch.Tensor, ...]:
        generator = torch.Generator().manual_seed(3)
        return tuple(torch.randn(2, 20, 8, generator=generator, dtype=torch.float64) for _ in range(3))

    def causal(self, q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
        """Causal attention by its definition."""
        hidden = torch.ones(q.shape[1], q.shape[1], dtype=torch.bool).triu(1)
        scores = (q @ k.mT / q.shape[-1] ** 0.5).masked_fill(hidden, -torch.inf)
        return scores.softmax(-1) @ v

    def test_the_first_chunk_is_right_and_later_ones_are_wrong(self, qkv: tuple[torch.Tensor, ...]) -> None:
        """As told; and chunks of one token give the first value everywhere."""
        prefill, whole = run(faulty(self.ENTRY)).prefill, self.causal(*qkv)
        torch.testing.assert_close(prefill(*qkv, 20), whole)
        torch.testing.assert_close(prefill(*qkv, 7)[:, :7], whole[:, :7])
        assert not torch.isclose(prefill(*qkv, 7)[:, 7:], whole[:, 7:]).all(dim=-1).any()
        torch.testing.assert_close(prefill(*qkv, 1), qkv[2][:, :1].expand(-1, 20, -1))

    @pytest.mark.parametrize("chunk", [1, 7, 20, 64])
    def test_the_shifted_triangle_mends_it(self, qkv: tuple[torch.Tensor, ...], chunk: int) -> None:
        """All chunk sizes give the same."""
        lines = (
            "mask = torch.ones(stop - start, stop, dtype=torch.bool).tril(diagonal=start)\n"
            "out.append(scaled_dot_product_attention(part, keys, values, attn_mask=mask))"
        )
        torch.testing.assert_close(run(mended(self.ENTRY, "# (3)", lines)).prefill(*qkv, chunk), self.causal(*qkv))


class TestWinRate:
    """`win-rate-that-is-always-fifty`."""

    ENTRY = "win-rate-that-is-always-fifty"
    PAIRS = (("good", ""), ("better", "bad"), ("x", "long answer"))

    @staticmethod
    def judge(first: str, second: str) -> str:
        """Prefers the longer answer, in whatever order."""
        return "A" if len(first) > len(second) else "B"

    @pytest.mark.parametrize("pairs", [PAIRS, PAIRS[:2], PAIRS[2:]])
    def test_it_is_one_half_against_anything(self, pairs: tuple[tuple[str, str], ...]) -> None:
        """Whoever wins."""
        assert run(faulty(self.ENTRY)).win_rate(self.judge, pairs) == 0.5

    def test_tracing_the_verdict_back_mends_it(self) -> None:
        """Two of three pairs are won, and a judge of positions gives one half."""
        source = mended(
            self.ENTRY, "# (1)", 'for first, second, ours_is in [(ours, theirs, "A"), (theirs, ours, "B")]:'
        )
        correction = "wins += judge(first, second) == ours_is"
        assert correction in fence(PACK.entry(self.ENTRY).answer.en)
        win_rate = run(source.replace('wins += verdict == "A"', correction)).win_rate
        assert win_rate(self.judge, self.PAIRS) == pytest.approx(2 / 3)
        assert win_rate(lambda first, second: "A", self.PAIRS) == 0.5


class TestCutEmbeddings:
    """`cut-embeddings-rank-worse`."""

    ENTRY = "cut-embeddings-rank-worse"

    @pytest.fixture
    def data(self) -> tuple[np.ndarray, np.ndarray]:
        """Queries and documents; the documents' prefixes differ in length and have a direction in common."""
        rng = np.random.default_rng(5)
        meaning = rng.normal(size=(400, 32)) + rng.normal(0, 1.5, size=32)
        meaning /= np.linalg.norm(meaning, axis=1, keepdims=True)
        share = rng.uniform(0.2, 0.95, size=(400, 1))  # of the length, in the prefix
        rest = rng.normal(size=(400, 96))
        rest /= np.linalg.norm(rest, axis=1, keepdims=True)
        documents = np.hstack([share * meaning, np.sqrt(1 - share**2) * rest])
        queries = documents + rng.normal(0, 0.02, documents.shape)
        return queries / np.linalg.norm(queries, axis=1, keepdims=True), documents

    def hits(self, search: Any, queries: np.ndarray, documents: np.ndarray, width: int) -> np.ndarray:
        return np.array([search(query, documents, width, 10) for query in queries])

    def test_long_prefixes_win_too_often(self, data: tuple[np.ndarray, np.ndarray]) -> None:
        """Cut vectors find their own document less often, and some come up again and again."""
        search = run(faulty(self.ENTRY)).search
        own = np.arange(400)[:, None]
        whole, cut = self.hits(search, *data, 128), self.hits(search, *data, 32)
        assert (whole == own).any(axis=1).mean() == 1
        assert (cut == own).any(axis=1).mean() < 0.9
        assert np.bincount(cut.ravel()).max() > 300

    def test_only_normalized_rows_mend_it(self, data: tuple[np.ndarray, np.ndarray]) -> None:
        """Then queries find their own; a normalized query alone changes nothing."""
        line = "rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)"
        assert line in fence(PACK.entry(self.ENTRY).answer.en)
        marked = "    scores = rows @ q"
        search = run(faulty(self.ENTRY).replace(marked, f"    {line}\n{marked}")).search
        cut = self.hits(search, *data, 32)
        assert (cut == np.arange(400)[:, None]).any(axis=1).mean() > 0.98
        assert np.bincount(cut.ravel()).max() < 100
        other = run(faulty(self.ENTRY).replace(marked, f"    q = q / np.linalg.norm(q)\n{marked}")).search
        as_told = self.hits(run(faulty(self.ENTRY)).search, *data, 32)
        np.testing.assert_array_equal(self.hits(other, *data, 32), as_told)


class TestParallelCalls:
    """`two-tool-calls-answers-swapped`."""

    ENTRY = "two-tool-calls-answers-swapped"
    CALLS = (
        {"id": "1", "name": "slow", "arguments": {"city": "Lisbon"}},
        {"id": "2", "name": "fast", "arguments": {"city": "Berlin"}},
    )

    @staticmethod
    def tools(freed: threading.Event, free: Any) -> dict[str, Any]:
        """The first call ends once `freed` is set; the second one calls `free`."""

        def slow(city: str) -> str:
            assert freed.wait(30)
            return city

        def fast(city: str) -> str:
            free()
            return city

        return {"slow": slow, "fast": fast}

    def test_a_fast_second_call_takes_the_place_of_the_first(self) -> None:
        """The first call goes on until somebody has taken the result of the second."""
        taken = threading.Event()
        run_calls = run(faulty(self.ENTRY)).run_calls
        as_completed = run_calls.__globals__["as_completed"]

        def watched(futures: Any) -> Any:
            for future in as_completed(futures):
                yield future
                taken.set()

        run_calls.__globals__["as_completed"] = watched
        messages = run_calls(self.CALLS, self.tools(taken, free=lambda: None))
        assert [(one["tool_call_id"], one["content"]) for one in messages] == [("1", "Berlin"), ("2", "Lisbon")]

    def test_results_in_order_of_submission_mend_it(self) -> None:
        """Each result stands beside the id of its call; they still run in parallel: the first waits for the second."""
        source = mended(self.ENTRY, "# (2)", "results = [future.result() for future in futures]")
        done = threading.Event()
        messages = run(source).run_calls(self.CALLS, self.tools(done, free=done.set))
        assert [(one["tool_call_id"], one["content"]) for one in messages] == [("1", "Lisbon"), ("2", "Berlin")]


class TestDecemberScores:
    """`december-scores-mostly-missing`."""

    ENTRY = "december-scores-mostly-missing"

    @pytest.fixture
    def frame(self) -> pd.DataFrame:
        rng = np.random.default_rng(11)
        months = rng.permutation(np.repeat(np.arange(1, 13), 1000))
        return pd.DataFrame({"month": months, "amount": rng.normal(size=12_000), "age": rng.normal(size=12_000)})

    @staticmethod
    def model(features: np.ndarray) -> np.ndarray:
        return features[:, 0]

    def test_one_row_in_twelve_is_left_with_the_score_of_another(self, frame: pd.DataFrame) -> None:
        """About 83 of 1,000 rows are left, and their scores have nothing to do with them."""
        scored = run(faulty(self.ENTRY)).score_december(frame, self.model)
        assert 50 < len(scored) < 120
        assert abs(np.corrcoef(scored["score"], scored["amount"])[0, 1]) < 0.3

    def test_an_array_or_the_rows_own_index_mends_it(self, frame: pd.DataFrame) -> None:
        """All 1,000 rows have their own score, both ways that the answer names."""
        for line in ('test["score"] = scores', 'test["score"] = pd.Series(scores, index=test.index)'):
            assert line.removeprefix('test["score"] = ') in fence(PACK.entry(self.ENTRY).answer.en)
            source = faulty(self.ENTRY).replace('test["score"] = pd.Series(scores)', line)
            scored = run(source).score_december(frame, self.model)
            assert len(scored) == 1000
            assert (scored["score"] == scored["amount"]).all()


class TestRewards:
    """`reward-that-depends-on-the-batch`."""

    ENTRY = "reward-that-depends-on-the-batch"
    ANSWERS = ([5, 2, 9], [4], [7, 7, 1, 8, 3])

    @staticmethod
    def trunk(ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Causal: a running sum with a weight for the position."""
        places = torch.arange(1, ids.shape[1] + 1)
        return (ids * places).cumsum(dim=1).double().unsqueeze(-1)

    def scores(self, rewards: Any, answers: Any) -> list[float]:
        longest = max(len(answer) for answer in answers)
        ids = torch.tensor([[*answer, *[6] * (longest - len(answer))] for answer in answers])  # 6 is the padding token
        mask = torch.tensor([[1] * len(answer) + [0] * (longest - len(answer)) for answer in answers])
        return rewards(self.trunk, torch.nn.Identity(), ids, mask).tolist()

    def test_only_the_longest_answer_keeps_its_reward(self) -> None:
        """In a batch the others get the value at a padding token."""
        rewards = run(faulty(self.ENTRY)).rewards
        alone = [self.scores(rewards, [answer])[0] for answer in self.ANSWERS]
        together = self.scores(rewards, self.ANSWERS)
        assert [a == b for a, b in zip(alone, together, strict=True)] == [False, False, True]

    def test_the_last_real_token_mends_it(self) -> None:
        """A batch gives the rewards that answers get alone."""
        rewards = run(mended(self.ENTRY, "# (1)", "last = mask.sum(dim=1) - 1")).rewards
        alone = [self.scores(rewards, [answer])[0] for answer in self.ANSWERS]
        assert self.scores(rewards, self.ANSWERS) == alone
