"""Where trials are kept, so that a search that was interrupted goes on where it stopped: one SQLite file.

A record depends on nothing but what `Task.fingerprint` names, so it is taken up again by any search with the same one.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lingua.optimize.records import Record
from lingua.optimize.task import Task

SCHEMA = """
CREATE TABLE IF NOT EXISTS search (
  id TEXT PRIMARY KEY, begun TEXT NOT NULL, strategy TEXT NOT NULL, data TEXT NOT NULL,
  program TEXT NOT NULL, spec TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS trial (
  search TEXT NOT NULL REFERENCES search(id), key TEXT NOT NULL, record TEXT NOT NULL, returns BLOB NOT NULL,
  PRIMARY KEY (search, key)
);
"""
VERSION = 1


class StorageError(ValueError):
    """The file is not one of ours, or cannot be written."""


@dataclass(frozen=True, slots=True)
class Search:
    """`id` is the fingerprint of what was searched; `data` and `program` those of the bars and of the program."""

    id: str
    strategy: str
    data: str
    program: str
    spec: dict[str, Any]


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
        """The search is known from now on, and the one used last."""
        spec = {
            "objectives": [{"text": goal.text, "maximize": goal.maximize} for goal in task.objectives],
            "folds": str(task.plan),
            "first": int(task.ends[0]) if len(task.ends) else None,
            "last": int(task.ends[-1]) if len(task.ends) else None,
        }
        row = (task.fingerprint, datetime.now(UTC).isoformat(), task.program.name, task.data_fingerprint,
               task.compiled.fingerprint, json.dumps(spec))  # fmt: skip
        with self._db:
            self._db.execute(
                "INSERT INTO search VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET begun = excluded.begun",
                row,
            )

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

    def searches(self) -> list[Search]:
        """What the file holds, the search used last first."""
        rows = self._db.execute("SELECT id, strategy, data, program, spec FROM search ORDER BY begun DESC, id")
        return [Search(id, strategy, data, program, json.loads(spec)) for id, strategy, data, program, spec in rows]

    def records(self, search: str) -> list[Record]:
        """Of one search, in the order of their keys."""
        rows = self._db.execute("SELECT record, returns FROM trial WHERE search = ? ORDER BY key", (search,))
        return [Record.from_row(text, returns) for text, returns in rows]

    def close(self) -> None:
        self._db.close()
