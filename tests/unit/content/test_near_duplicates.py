"""Which entries are taken to ask the same: those that share rare words, however each of them is put."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from grader.content.near_duplicates import find_near_duplicates
from grader.content.pack import Pack, builtin_pack_root
from grader.model.entry import Entry
from grader.model.text import Text
from tests.fakes.entries import entry

REWORDED = {
    "cached-keys-and-values": (
        "Size of the KV cache for a serving node",
        """We serve a decoder with {{layers}} layers and grouped-query attention: {{q_heads}} heads for queries, 8 for
        keys and values, each 128 wide. {{requests}} sessions are decoded together and each holds {{tokens}} tokens;
        the cache is bfloat16. What is the total memory of the cache in GiB? No paging overhead, no sharing.""",
        "推理服务的 KV cache 大小",
        """线上部署的解码器有 {{layers}} 层，采用 grouped-query attention：{{q_heads}} 个 query 头，KV 头 8 个，每个
        头宽 128。
        同时解码 {{requests}} 路会话，每路缓存 {{tokens}} 个 token，数据类型 bfloat16。KV cache 总共需要多少 GiB 显存？
        不计分页开销，会话之间没有共享。""",
    ),
    "threshold-from-costs": (
        "Cost-based threshold",
        """A calibrated defect detector outputs the probability that a part is bad. Throwing away a good part costs
        {{scrap}} euros and letting a bad part through costs {{escape}} euros; correct decisions are free. From which
        probability on should the part be scrapped?""",
        "按代价选阈值",
        """一个校准过的缺陷检测模型输出零件不合格的概率。误报废一个好零件损失 {{scrap}} 欧元，放走一个坏零件损失
        {{escape}} 欧元，判断正确则没有代价。概率高于多少就应当报废？""",
    ),
    "minhash-banding": (
        "LSH candidate probability",
        """Near-duplicate removal with MinHash: every document has hash values in {{bands}} bands of {{rows}}. Two
        documents are compared when at least one band is equal. With Jaccard similarity {{similarity}}, how probable is
        it that the pair is compared?""",
        "LSH 的候选概率",
        """用 MinHash 给语料去重：每个文档的哈希值分成 {{bands}} 段，每段 {{rows}} 个。只要有一段完全相同，
        两个文档就会被拿来比较。Jaccard 相似度为 {{similarity}} 的两个文档被比较的概率是多少？""",
    ),
}


@pytest.fixture(scope="module")
def bank() -> list[Entry]:
    """All entries of the bank."""
    return list(Pack(builtin_pack_root()).entries())


def names(entries: list[Entry]) -> set[frozenset[str]]:
    """The pairs that are found, by id."""
    return {frozenset((pair.left.id, pair.right.id)) for pair in find_near_duplicates(entries)}


def again(bank: list[Entry], entry_id: str, *, lang: str) -> Entry:
    """The same question in other words of one language, and in nobody's of the other."""
    title_en, prompt_en, title_zh, prompt_zh = REWORDED[entry_id]
    known = next(one for one in bank if one.id == entry_id)
    title, prompt = (title_en, prompt_en) if lang == "en" else (title_zh, prompt_zh)
    blank = Text(en="", zh="")
    changes: dict[str, Any] = {lang: title}, {lang: prompt}
    return replace(known, id="again", title=replace(blank, **changes[0]), prompt=replace(blank, **changes[1]))


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("entry_id", REWORDED)
def test_a_question_in_other_words_is_noticed(bank: list[Entry], entry_id: str, lang: str) -> None:
    """In either language alone."""
    assert frozenset(("again", entry_id)) in names([*bank, again(bank, entry_id, lang=lang)])


def test_no_two_questions_of_the_bank_ask_the_same(bank: list[Entry]) -> None:
    """Where two are close, one of them mentions the other: their difference is meant."""
    assert names(bank) == set()


TWIN = Text(en="Which layer norm placement keeps gradients stable?", zh="哪种层归一化的位置能让梯度稳定？")


@pytest.mark.parametrize(
    ("kind", "changes", "is_found"),
    [
        ("open", {}, True),
        ("open", {"answer": Text(en="Elsewhere: `entry:first`.", zh="另见 `entry:first`。")}, False),
        ("open", {"answer": Text(en="Elsewhere: `entry:third`.", zh="另见 `entry:third`。")}, True),
        ("code", {}, False),
        ("bug", {}, True),
        ("bug", {"exercise": "mean"}, False),
    ],
)
def test_what_tells_twins_apart(kind: str, changes: dict[str, Any], *, is_found: bool) -> None:
    """A mention of the other one, or an exercise of its own; nothing else."""
    first = entry("open", "first", title=TWIN, prompt=TWIN)
    second = entry(kind, "second", title=TWIN, prompt=TWIN, **changes)
    assert (frozenset(("first", "second")) in names([first, second])) is is_found


def test_one_entry_has_no_twin() -> None:
    """Nor has none."""
    assert names([]) == names([entry("open")]) == set()
