"""The `viva` command."""

import signal


def main() -> None:
    """Run it. A Ctrl-C while it is still being imported ends it as it ends any program, without a traceback."""
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        from grader.cli.run import run
    except Exception as error:  # noqa: BLE001 - an installation that lacks something is no verdict either
        from grader.cli.ending import fail

        fail(error)
    signal.signal(signal.SIGINT, before)
    run()
