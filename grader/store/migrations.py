"""The formats of a progress file, from the first one on.

`PRAGMA user_version` holds the number of the last step that was carried out. A step is never changed once it was
released; a new format is a new step at the end of `STEPS`.
"""

from __future__ import annotations

from collections.abc import Sequence

APPLICATION_ID = 0x76697661  # "viva"; tells our files from other programs' databases

STEPS: Sequence[tuple[str, ...]] = (
    (  # 1: history, what is made of it, and solved exercises
        """
        CREATE TABLE answers (
            uid TEXT PRIMARY KEY,
            sitting TEXT NOT NULL,
            entry TEXT NOT NULL,
            revision INTEGER NOT NULL,
            kind TEXT NOT NULL,
            topic TEXT NOT NULL,
            level TEXT NOT NULL,
            difficulty INTEGER NOT NULL,
            at TEXT NOT NULL,
            day TEXT NOT NULL,
            mode TEXT NOT NULL,
            seed INTEGER NOT NULL,
            seconds REAL NOT NULL,
            score REAL NOT NULL,
            result TEXT NOT NULL,
            rating INTEGER NOT NULL,
            self_assessed INTEGER NOT NULL,
            hints INTEGER NOT NULL,
            tries INTEGER NOT NULL,
            chance REAL NOT NULL,
            given TEXT NOT NULL
        ) STRICT
        """,
        "CREATE INDEX answers_in_time ON answers (at, uid)",
        """
        CREATE TABLE memories (
            entry TEXT PRIMARY KEY,
            stability REAL NOT NULL,
            difficulty REAL NOT NULL,
            last TEXT NOT NULL,
            due TEXT NOT NULL,
            answers INTEGER NOT NULL,
            lapses INTEGER NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE abilities (
            topic TEXT PRIMARY KEY,
            mean REAL NOT NULL,
            variance REAL NOT NULL,
            answers INTEGER NOT NULL,
            day TEXT
        ) STRICT
        """,
        """
        CREATE TABLE solved (
            exercise TEXT PRIMARY KEY,
            version INTEGER NOT NULL,
            at TEXT NOT NULL
        ) STRICT
        """,
    ),
    (  # 2: exercises that were tried outside of a quiz, and hints that were taken before an answer was given
        """
        CREATE TABLE attempts (
            name TEXT PRIMARY KEY,
            tries INTEGER NOT NULL,
            best REAL NOT NULL,
            hints INTEGER NOT NULL,
            last TEXT NOT NULL
        ) STRICT
        """,
    ),
    (  # 3: answers in words that are not given yet, and what a person says of themselves
        "CREATE TABLE drafts (entry TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT",
        "CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT",
    ),
)
