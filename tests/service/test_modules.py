"""A solution in several files: sent, kept, graded and forgotten as one submission."""

from __future__ import annotations

import pytest

from grader.database.queue import queue_of
from grader.model.submission import Submission
from grader.service.modules import unpacked
from grader.service.submitting import version_of
from grader.worker.suites import queues_of
from tests.service.running import EXERCISES, Service, made, worker

SOLUTION = "from nets.layers import double\nfrom plain import *\n"
LAYERS = "def double(x):\n    return 2 * x  # 中文\n"
MODULES = {"nets/__init__.py": "", "nets/layers.py": LAYERS, "plain.py": "Y = 1\n"}
BODY = {"exercise": "f1_auc", "files": {"plain.py": MODULES["plain.py"], "solution.py": SOLUTION, **MODULES}}


def test_all_of_it_reaches_the_judge_and_none_of_it_stays(service: Service) -> None:
    """Text for text, by its paths; an erasure takes every file."""
    service.judging.judge_with = lambda _claim: made()
    with service.http(service.key()) as http:
        with worker(service):
            answer = http.post("/v1/submissions", json=BODY, headers={"Prefer": "wait=20"})
        assert answer.status_code == 200, answer.text
        (claim,) = service.judging.seen
        assert (claim.name, claim.source) == ("solution.py", SOLUTION.encode())
        assert unpacked(claim.modules) == {path: text.encode() for path, text in MODULES.items()}
        of_a_disk = Submission(name="", source=SOLUTION, modules=tuple(MODULES.items()))
        assert service.ask("SELECT digest FROM submissions") == [(of_a_disk.digest,)]
        assert http.delete(answer.headers["location"]).status_code == 204
    assert service.ask("SELECT source, modules FROM submissions") == [(None, None)]


@pytest.mark.parametrize(
    ("files", "word"),
    [
        ({"a.py": "x", "b.py": "y"}, "call it `solution.py`"),
        ({"nets/solution.py": "x", "b.py": "y"}, "call it `solution.py`"),
        ({"solution.ipynb": "{}", "b.py": "y"}, "call it `solution.py`"),
        ({"nets/layers.py": "x"}, "no folder"),
        ({"solution.py": "x", "weights.bin": "y"}, "files.weights.bin"),
        ({"solution.py": "x", "/etc/passwd.py": "y"}, "files./etc/passwd.py"),
        ({"solution.py": "x" * (1 << 19), "b.py": "y" * (1 << 19) + "y"}, "all files together"),
        ({"solution.py": "x", **{f"m{n}.py": "" for n in range(33)}}, "files"),
    ],
)
def test_what_is_no_solution_with_modules_is_refused(shared: Service, files: dict[str, str], word: str) -> None:
    """422 names what to do, and nothing is kept."""
    with shared.http(shared.key("sends nothing")) as http:
        answer = http.post("/v1/submissions", json={"exercise": "f1_auc", "files": files})
        assert answer.status_code == 422
        assert word in answer.text
        assert http.get("/v1/submissions").json()["items"] == []


def test_the_same_key_with_another_module_is_another_request(shared: Service) -> None:
    """What the key was taken for includes every file."""
    with shared.http(shared.key("modules")) as http:
        headers = {"Idempotency-Key": "several-files"}
        first = http.post("/v1/submissions", json=BODY, headers=headers)
        assert http.post("/v1/submissions", json=BODY, headers=headers).json()["id"] == first.json()["id"]
        changed = {**BODY, "files": {**BODY["files"], "plain.py": "Y = 2\n"}}  # type: ignore[dict-item]
        assert http.post("/v1/submissions", json=changed, headers=headers).status_code == 422


def test_programs_of_before_do_not_take_it(service: Service) -> None:
    """They would grade the solution without its modules, so it waits where they do not look; also after a regrade."""
    of = version_of(EXERCISES["f1_auc"])
    with service.http(service.key()) as http:
        alone = http.post("/v1/submissions", json={"exercise": "f1_auc", "source": SOLUTION}).json()["id"]
        several = http.post("/v1/submissions", json=BODY).json()["id"]
        queue = "SELECT j.queue_name FROM gradings g JOIN procrastinate_jobs j ON j.id = g.job WHERE g.submission = %s"
        assert service.ask(queue, alone) == [(queue_of(of),)]
        assert service.ask(queue, several) == [(queue_of(of, modules=True),)]
        assert {queue_of(of), queue_of(of, modules=True)} < set(queues_of([of, version_of(EXERCISES["bm25"])], "cpu"))
        with worker(service):
            assert http.get(f"/v1/submissions/{several}", headers={"Prefer": "wait=20"}).json()["state"] == "done"
        assert http.post(f"/v1/submissions/{several}/regrade").status_code == 202
        waiting = f"{queue} AND g.state = 'queued'"
        assert service.ask(waiting, several) == [(queue_of(of, modules=True),)]
