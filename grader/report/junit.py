"""Verdicts as one JUnit XML file, for the systems that already show test results that way.

One `testsuite` per submission, one `testcase` per case. A wrong answer is a `failure`; code that raised, or that ran
into a limit, is an `error`, and so is a fault of ours, named by its `type`. Nothing is ever `skipped`: readers count
a skip as fine, and here a case that did not run did not pass. Where no case tells why a verdict is what it is (a
rejected submission, a redacted verdict), one more testcase named `verdict` does.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from xml.etree import ElementTree as ET

from grader.model.text import Lang
from grader.model.verdict import Cause, Outcome, Status, Verdict
from grader.report.catalogue import say, say_status
from grader.report.escaping import for_xml

_ELEMENT: Final = {Status.WRONG_ANSWER: "failure"}  # every other failure is an "error"
_COUNTED: Final = ("tests", "failures", "errors", "skipped")


def to_xml(verdicts: Iterable[Verdict], lang: Lang = "en") -> bytes:
    """A whole JUnit file in UTF-8; `lang` is the language of what viva itself says in it."""
    root = ET.Element("testsuites", name="viva")
    for verdict in verdicts:
        root.append(_suite(verdict, lang))
    for name in _COUNTED:
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
    root.set("time", _seconds(sum(float(suite.get("time", "0")) * 1000 for suite in root)))
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document + b"\n"


def _suite(verdict: Verdict, lang: Lang) -> ET.Element:
    suite = ET.Element(
        "testsuite",
        name=for_xml(verdict.submission),
        timestamp=verdict.created[:19],  # readers want UTC without its mark
        time=_seconds(verdict.resources.wall_ms),
    )
    suite.append(_properties(verdict, lang))
    for case in verdict.cases:
        suite.append(_testcase(verdict.exercise_id, case, lang))
    if not _is_explained(verdict):
        suite.append(_testcase_of_verdict(verdict, lang))
    found = {
        "tests": len(suite.findall("testcase")),
        "failures": len(suite.findall("testcase/failure")),
        "errors": len(suite.findall("testcase/error")),
        "skipped": 0,
    }
    suite.attrib.update({name: str(number) for name, number in found.items()})
    return suite


def _properties(verdict: Verdict, lang: Lang) -> ET.Element:
    given = {
        "exercise": f"{verdict.exercise_id} {verdict.exercise_version}",
        "status": verdict.status.value,
        "score": f"{verdict.score:g}",
        "max_score": f"{verdict.max_score:g}",
        "submission_digest": verdict.submission_digest,
        "suite_digest": verdict.suite_digest,
        "seed": str(verdict.seed) if verdict.seed >= 0 else "",
        "device": verdict.device,
        "isolation": verdict.isolation.level,
        "diagnosis": "; ".join(diagnosis.title.get(lang) for diagnosis in verdict.diagnosis),
    }
    properties = ET.Element("properties")
    for name, value in given.items():
        if value:
            ET.SubElement(properties, "property", name=name, value=for_xml(value))
    return properties


def _is_explained(verdict: Verdict) -> bool:
    failed = any(case.status is not Status.ACCEPTED for case in verdict.cases)
    return bool(verdict.cases) and failed == (verdict.status is not Status.ACCEPTED)


def _testcase(exercise: str, case: Outcome, lang: Lang) -> ET.Element:
    testcase = ET.Element(
        "testcase",
        classname=for_xml(f"{exercise}.{case.task}"),
        name=for_xml(case.title.get(lang) or case.id),
        time=_seconds(case.duration_ms),
    )
    message = case.message.get(lang)
    detail = "\n".join(filter(None, [message, *_cause_lines(case.cause, lang)]))
    _add_failure(testcase, case.status, message, detail, lang)
    if case.output:
        ET.SubElement(testcase, "system-out").text = for_xml(case.output)
    return testcase


def _testcase_of_verdict(verdict: Verdict, lang: Lang) -> ET.Element:
    testcase = ET.Element("testcase", classname=for_xml(verdict.exercise_id), name="verdict", time="0.000")
    _add_failure(testcase, verdict.status, verdict.message, verdict.message, lang)
    return testcase


def _add_failure(testcase: ET.Element, status: Status, message: str, detail: str, lang: Lang) -> None:
    if status is Status.ACCEPTED:
        return
    first_line = message.strip().partition("\n")[0] or say_status(status, lang)
    element = ET.SubElement(testcase, _ELEMENT.get(status, "error"), type=status.value, message=for_xml(first_line))
    element.text = for_xml(detail)


def _cause_lines(cause: Cause | None, lang: Lang) -> list[str]:
    if cause is None:
        return []
    lines = [f"{say('expected', lang)}: {cause.expected}", f"{say('actual', lang)}: {cause.actual}"]
    return lines if cause.worst_index is None else [*lines, f"{say('worst', lang)}: {cause.worst_index}"]


def _seconds(milliseconds: float) -> str:
    """Seconds with three decimals; 0 for what is withheld or unknown, which NaN is as well."""
    return f"{milliseconds / 1000:.3f}" if 0 < milliseconds < float("inf") else "0.000"
