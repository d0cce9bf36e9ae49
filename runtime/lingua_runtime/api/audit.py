"""Who did what, from where, and what came of it.

Each record carries a digest over itself and the record before: one that is changed, taken out or put in is found by
`check`. The database refuses changes besides (`store.py`). The digest of the newest record is in the node's log with
every record, so a copy of the log elsewhere also tells a table that was written anew as a whole.

An action is written twice: `asked` before it takes effect, then `done`, `refused` or `failed`.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.exc import SQLAlchemyError

from lingua_runtime.api.store import AUDIT, Store, StoreError, words
from lingua_runtime.observe.logs import logger
from lingua_runtime.observe.redact import REDACTOR

BEGINNING = "0" * 64
ASKED, DONE, REFUSED, FAILED = "asked", "done", "refused", "failed"
LONGEST = 4_000
"""Characters of `detail`."""


@dataclass(frozen=True, slots=True)
class AuditRecord:
    seq: int
    ts: int
    who: str
    action: str
    target: str
    source: str
    outcome: str
    detail: Mapping[str, Any]
    digest: str


@dataclass(slots=True)
class _Waiting:
    """A record on its way: then one of the two is there."""

    values: dict[str, Any]
    record: AuditRecord | None = None
    problem: StoreError | None = None


class Audit:
    """Safe to use from several threads and processes on one database. Raises StoreError."""

    def __init__(self, store: Store, now: Callable[[], int] = time.time_ns) -> None:
        self._store = store
        self._now = now
        self._lock = threading.Lock()
        self._arriving = threading.Lock()
        self._waiting: list[_Waiting] = []
        self._log = logger("audit")

    def write(
        self, who: str, action: str, target: str, source: str, outcome: str, detail: Mapping[str, Any] | None = None
    ) -> AuditRecord:
        """On the disk when this returns; what several threads write at once is one transaction."""
        found = json.dumps(REDACTOR.data(dict(detail or {})), sort_keys=True, default=str)
        if len(found) > LONGEST:
            found = json.dumps({"cut": found[:LONGEST]})
        values = {
            "ts": self._now(),
            "who": who[:64],
            "action": action[:32],
            "target": REDACTOR.text(target)[:200],
            "source": source[:100],
            "outcome": outcome,
            "detail": found,
        }
        mine = _Waiting(values)
        with self._arriving:
            self._waiting.append(mine)
        with self._lock:
            # Whoever comes first writes what all wait for: the disk is waited for once.
            if mine.record is None and mine.problem is None:
                with self._arriving:
                    together, self._waiting = self._waiting, []
                self._commit(together)
        if mine.problem is not None:
            raise mine.problem
        assert mine.record is not None
        return mine.record

    def _commit(self, together: list[_Waiting]) -> None:
        try:
            with self._store.begin() as connection:
                self._store.lock(connection)
                last = connection.execute(select(AUDIT).order_by(AUDIT.c.seq.desc()).limit(1)).first()
                seq, digest = (int(last.seq), str(last.digest)) if last is not None else (0, BEGINNING)
                rows = []
                for each in together:
                    seq += 1
                    digest = digest_of(digest, seq, each.values)
                    rows.append({"seq": seq, **each.values, "digest": digest})
                connection.execute(insert(AUDIT), rows)
        except SQLAlchemyError as problem:
            for each in together:
                each.problem = StoreError(f"the audit log cannot be written: {words(problem)}")
            return
        for each, row in zip(together, rows, strict=True):
            each.record = _record(row)
            self._log.info(
                f"{row['who']} {row['action']} {row['target']} {row['outcome']}".replace("  ", " "),
                who=row["who"], action=row["action"], target=row["target"], source=row["source"],
                outcome=row["outcome"], seq=row["seq"], digest=row["digest"],
            )  # fmt: skip

    def read(
        self, *, after_seq: int = 0, most: int = 500, who: str = "", action: str = "", target: str = "",
        is_newest: bool = False,
    ) -> list[AuditRecord]:  # fmt: skip
        """In sequence after `after_seq`; with `is_newest`, the last ones, newest first."""
        query = select(AUDIT).where(AUDIT.c.seq > after_seq)
        for column, value in ((AUDIT.c.who, who), (AUDIT.c.action, action), (AUDIT.c.target, target)):
            if value:
                query = query.where(column == value)
        query = query.order_by(AUDIT.c.seq.desc() if is_newest else AUDIT.c.seq).limit(most)
        return [_record(row._mapping) for row in self._rows(query)]

    def check(self) -> tuple[int, str]:
        """How many records are whole, from the first on, and what is wrong with the next (empty: nothing)."""
        before, count = BEGINNING, 0
        for row in self._rows(select(AUDIT).order_by(AUDIT.c.seq)):
            values = {name: row._mapping[name] for name in COLUMNS}
            if row.seq != count + 1:
                return count, f"record {count + 1} is missing"
            if digest_of(before, row.seq, values) != row.digest:
                return count, f"record {row.seq} is not what was written"
            before, count = row.digest, count + 1
        return count, ""

    def _rows(self, query: Any) -> list[Any]:
        try:
            with self._store.read() as connection:
                return list(connection.execute(query))
        except SQLAlchemyError as problem:
            raise StoreError(f"the audit log cannot be read: {words(problem)}") from None


COLUMNS = ("ts", "who", "action", "target", "source", "outcome", "detail")


def digest_of(before: str, seq: int, values: Mapping[str, Any]) -> str:
    # Lengths are part of it: two records must not give one text by where their fields end.
    parts = [before, str(seq), *(str(values[name]) for name in COLUMNS)]
    return hashlib.sha256("".join(f"{len(part)}:{part}" for part in parts).encode("utf-8", "surrogatepass")).hexdigest()


def _record(row: Mapping[str, Any]) -> AuditRecord:
    detail = json.loads(row["detail"])
    return AuditRecord(
        int(row["seq"]), int(row["ts"]), row["who"], row["action"], row["target"], row["source"], row["outcome"],
        detail, row["digest"],
    )  # fmt: skip
