"""Where trials are kept, so that a search that was interrupted goes on where it stopped: one SQLite file.

A record depends on nothing but what `Task.fingerprint` names, so it is taken up again by any search with the same one.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime

from lingua.optimize.records import Record
from lingua.optimize.task import Task

SCHEMA = """
CREATE TABLE IF NOT EXISTS search (
  id TEXT PRIMARY KEY, begun TEXT NOT NULL, strategy TEXT NOT NULL, data TEXT NOT NULL, program TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS trial (
  search TEXT NOT NULL REFERENCES search(id), key TEXT NOT NULL, record TEXT NOT NULL, returns BLOB NOT NULL,
  PRIMARY KEY (search, key)
);
"""
VERSION = 1


class StorageError(ValueError):
    """The file is not one of ours, or cannot be written."""


class Storage:
    """Trials of any number of searches. `path` ":memory:" keeps them for this run only."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = os.fspath(path)
        try:
            self._db = sqlite3.connect(self.path, timeout=30, check_same_thread=False)
            version = self._db.execute("PRAGMA user_version").fetchone()[0]
            known = {row[0] for row in self._db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if version not in (0, VERSION) or (version == 0 and known - {"search", "trial"}):
                raise StorageError(f"{self.path} is a database of something else")
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.executescript(SCHEMA)
            self._db.execute(f"PRAGMA user_version = {VERSION}")
            self._db.commit()
        except sqlite3.Error as problem:
            raise StorageError(f"{self.path} cannot be used for the trials: {problem}") from problem

    def begin(self, task: Task) -> None:
        row = (task.fingerprint, datetime.now(UTC).isoformat(timespec="seconds"), task.program.name,
               task.data_fingerprint, task.compiled.fingerprint)  # fmt: skip
        with self._db:
            self._db.execute("INSERT OR IGNORE INTO search VALUES (?, ?, ?, ?, ?)", row)

    def known(self, task: Task) -> dict[str, Record]:
        """Records of earlier runs of the same search, by key."""
        rows = self._db.execute("SELECT key, record, returns FROM trial WHERE search = ?", (task.fingerprint,))
        return {key: Record.from_row(text, returns) for key, text, returns in rows}

    def add(self, task: Task, records: Iterable[Record]) -> None:
        """Each in one transaction of its own kind: there after a crash, or not at all; a second one changes nothing."""
        rows = [(task.fingerprint, each.key, *each.to_row()) for each in records]
        with self._db:
            self._db.executemany("INSERT OR IGNORE INTO trial VALUES (?, ?, ?, ?)", rows)

    def lineage(self, task: Task) -> int:
        """Different combinations ever tried of a strategy of this name on these bars, whatever its text was then."""
        found = self._db.execute(
            "SELECT COUNT(*) FROM (SELECT DISTINCT search.program, trial.key FROM trial "
            "JOIN search ON search.id = trial.search WHERE search.strategy = ? AND search.data = ?)",
            (task.program.name, task.data_fingerprint),
        ).fetchone()
        return int(found[0])

    def close(self) -> None:
        self._db.close()
