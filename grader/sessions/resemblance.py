"""Which submissions resemble each other: copydetect's fingerprints of the code, all pairs, and those that stand out.

Names, comments and strings are disregarded, and so is what every candidate was given. This is evidence for a person to
look at. Code is tokenized here, never run.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from grader.model.session import Session
from grader.model.session_figures import Pair, Resemblance

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

K_GRAM, WINDOW = 20, 6  # characters of filtered code: anything alike over 25 is found
LEAST_SHARE = 0.6
LEAST_PRINTS = 8  # a shorter program resembles everything
MANY_MADS = 4.0
MAX_PAIRS = 25
MOST_SUBMISSIONS = 3000  # to one question: all pairs of them take 150 MB
MAX_CHARACTERS = 64 * 1024


def find_resemblance(session: Session, sources: Mapping[int, Mapping[str, str]]) -> Resemblance:
    """Pairs that stand out, for each coding question with two submissions at least."""
    most = max((len(found) for found in sources.values()), default=0)
    if most > MOST_SUBMISSIONS:
        return Resemblance(left_out=f"{most} submissions are more than the {MOST_SUBMISSIONS} that are compared")
    pairs: list[Pair] = []
    medians: dict[int, float] = {}
    for number, by_candidate in sources.items():
        question = session.question(number)
        if question is None or question.exercise is None or len(by_candidate) < 2:
            continue
        given = "\n".join(question.exercise.files.values())
        found, median = _of_one(number, by_candidate, given)
        pairs += found
        if median is not None:
            medians[number] = median
    return Resemblance(pairs=tuple(sorted(pairs, key=lambda pair: -pair.share)), medians=medians)


def _of_one(number: int, sources: Mapping[str, str], given: str) -> tuple[list[Pair], float | None]:
    import numpy as np

    boilerplate = sorted(_prints(given, []))
    prints = {key: _prints(source, boilerplate) for key, source in sources.items()}
    keys = [key for key, found in prints.items() if len(found) >= LEAST_PRINTS]
    if len(keys) < 2:
        return [], None
    shares = _shares([prints[key] for key in keys])
    first, second = np.triu_indices(len(keys), k=1)
    values = shares[first, second]
    median = float(np.median(values))
    spread = 1.4826 * float(np.median(np.abs(values - median)))
    limit = max(LEAST_SHARE, min(0.95, median + MANY_MADS * spread))
    order = [place for place in np.argsort(-values, kind="stable")[:MAX_PAIRS] if values[place] >= limit]
    pairs = [
        Pair(question=number, first=keys[first[place]], second=keys[second[place]], share=float(values[place]))
        for place in order
    ]
    return pairs, median


def _shares(prints: list[set[int]]) -> NDArray[np.float64]:
    """For each two sets, twice what they share over what both hold (Dice)."""
    import numpy as np
    from scipy.sparse import csr_array

    known = {mark: column for column, mark in enumerate(sorted(set().union(*prints)))}
    rows = [row for row, found in enumerate(prints) for _ in found]
    columns = [known[mark] for found in prints for mark in found]
    table = csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(prints), len(known)))
    sizes = np.array([len(found) for found in prints], dtype=float)
    shares: NDArray[np.float64] = 2 * (table @ table.T).toarray() / (sizes[:, None] + sizes[None, :])
    return shares


def _prints(source: str, boilerplate: list[int]) -> set[int]:
    """Fingerprints of one program."""
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # copydetect loads it for reports that we do not use
    from copydetect import CodeFingerprint

    stream: Any = io.StringIO(source[:MAX_CHARACTERS])
    found = CodeFingerprint("solution.py", K_GRAM, WINDOW, boilerplate=boilerplate, fp=stream)
    return {int(mark) for mark in found.hashes}
