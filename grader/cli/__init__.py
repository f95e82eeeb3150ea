"""The `viva` command."""

import signal


def main() -> None:
    """Run it. A Ctrl-C while it is still being imported ends it as it ends any program, without a traceback."""
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    from grader.cli.run import run

    signal.signal(signal.SIGINT, before)
    run()
