"""Records of cases between two forks of one judge parent, as a frame of the wire: plain data, no pickle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from grader.errors import WireError
from grader.judge.comparison import Observation, Observations, Rule
from grader.judge.run import CaseRecord
from grader.judge.trial import plain, printable
from grader.model.verdict import Outcome
from grader.wire.decoder import Decoder
from grader.wire.encoder import Encoder
from grader.wire.frame import Caps, Frame

CAPS = Caps(structure_bytes=64 * 1024**2, nodes=2_000_000, blobs=200_000, blob_bytes=1024**3)


def to_frame(records: Sequence[CaseRecord], ended: str) -> Frame:
    """A frame of the records of one solution, and of how it ended where that was not by itself."""
    encoder = Encoder(caps=CAPS)
    cases = [[msgspec.json.encode(plain(record.outcome)).decode(), _observed(record, encoder)] for record in records]
    encoder.settle()
    return Frame([printable(ended), cases], encoder.blobs)


def from_frame(frame: Frame) -> tuple[list[CaseRecord], str]:
    """The inverse."""
    ended, cases = frame.structure
    decoder = Decoder(frame.blobs, aliases=True)
    return [_record(outcome, observed, decoder) for outcome, observed in cases], ended


def _observed(record: CaseRecord, encoder: Encoder) -> list[Any] | None:
    """What the case compared; None where it cannot be passed on."""
    if not record.observations.complete:
        return None
    try:
        return [[encoder.encode(one.value), *one.rule.parts()] for one in record.observations]
    except WireError:
        return None


def _record(outcome: str, observed: list[Any] | None, decoder: Decoder) -> CaseRecord:
    observations = Observations()
    if observed is None:
        observations.forget()
    else:
        observations.extend(Observation(decoder.decode(node), Rule(*rule)) for node, *rule in observed)
    return CaseRecord(outcome=msgspec.json.decode(outcome, type=Outcome), observations=observations)
