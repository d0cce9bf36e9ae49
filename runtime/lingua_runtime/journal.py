"""What a node was told and what it did, in sequence, on disk before anything follows from it.

One table. A row is written in a transaction that has reached the disk when `append` returns; every row carries a digest
over itself and the row before, so that a tail that was torn or changed is told from a whole one. SQLite in a file by
default, PostgreSQL by URL. Rows are never changed.

`Journal` is used from one thread. `Writer` gives an event loop the same without waiting in it, and lets many appends
share one write to disk.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import queue
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
    insert,
    select,
    text,
)
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.exc import SQLAlchemyError

METADATA = MetaData()
RECORDS = Table(
    "journal",
    METADATA,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("deployment", String(64), nullable=False, index=True),
    Column("kind", String(32), nullable=False),
    Column("ts", BigInteger, nullable=False),
    Column("data", Text, nullable=False),
    Column("digest", String(64), nullable=False),
)
BEGINNING = "0" * 64
MOST_POSTED = 64
"""Writes under way that nobody waits for."""


class JournalError(Exception):
    """The journal cannot be written or read; the text says what and where, and what to do. Nothing may be sent."""


class Entry(NamedTuple):
    """What is to be written. `ts`: when it happened (UTC ns)."""

    deployment: str
    kind: str
    ts: int
    data: Mapping[str, Any]


class Record(NamedTuple):
    seq: int
    deployment: str
    kind: str
    ts: int
    data: dict[str, Any]


class Journal:
    """See above. `url`: `sqlite:///node.db`, `postgresql+psycopg://…`, or the path of a file. Raises JournalError."""

    def __init__(self, url: str | Path) -> None:
        self.url = f"sqlite:///{url}" if isinstance(url, Path) or "://" not in str(url) else str(url)
        self.name = make_url(self.url).render_as_string(hide_password=True)
        try:
            self._engine = _engine(self.url)
            METADATA.create_all(self._engine)
            self._connection = self._engine.connect()
            self.last, self._digest = self._tail()
        except SQLAlchemyError as problem:
            raise JournalError(f"{self.name} cannot be opened: {_words(problem)}") from None

    def append(self, entries: Sequence[Entry]) -> int:
        """Write all or none; the number of the last one. It is on the disk when this returns. Raises JournalError."""
        rows, seq, digest = [], self.last, self._digest
        for entry in entries:
            seq += 1
            data = _as_text(entry)
            digest = _digest(digest, seq, entry.deployment, entry.kind, entry.ts, data)
            rows.append(
                {"seq": seq, "deployment": entry.deployment, "kind": entry.kind, "ts": entry.ts, "data": data,
                 "digest": digest}
            )  # fmt: skip
        if not rows:
            return self.last
        try:
            with self._connection.begin():
                self._connection.execute(insert(RECORDS), rows)
        except SQLAlchemyError as problem:
            raise JournalError(f"{self.name} cannot be written: {_words(problem)}") from None
        self.last, self._digest = seq, digest
        return seq

    def read(self, deployment: str = "", after: int = 0) -> Iterator[Record]:
        """Records in sequence, each checked against the one before. Raises JournalError at the first that is broken:
        what came before it is whole."""
        query = select(RECORDS).order_by(RECORDS.c.seq)
        digest, expected = BEGINNING, 0
        with self._engine.connect() as connection:
            for row in connection.execute(query):
                expected += 1
                whole = _digest(digest, row.seq, row.deployment, row.kind, row.ts, row.data)
                if row.seq != expected or whole != row.digest:
                    raise JournalError(
                        f"{self.name}: record {expected} is not what was written; the {expected - 1} before it are. "
                        "Keep the file, cut it there with `lingua node repair`, and let reconciliation settle the rest"
                    )
                digest = row.digest
                if row.seq > after and deployment in ("", row.deployment):
                    yield Record(row.seq, row.deployment, row.kind, row.ts, json.loads(row.data))

    def close(self) -> None:
        with contextlib.suppress(SQLAlchemyError):
            self._connection.close()
        self._engine.dispose()

    def _tail(self) -> tuple[int, str]:
        row = self._connection.execute(select(RECORDS).order_by(RECORDS.c.seq.desc()).limit(1)).first()
        self._connection.rollback()
        return (int(row.seq), str(row.digest)) if row is not None else (0, BEGINNING)


class Writer:
    """A journal behind a thread of its own: appends that wait while one is being written are written together."""

    def __init__(self, journal: Journal, witness: Callable[[Record], None] = lambda _: None) -> None:
        self.journal = journal
        self.writes = 0
        """Times the disk was waited for."""
        self.pending = 0
        """Appends that are not on the disk yet."""
        self.witness = witness
        """Called in the event loop with every record that is on the disk, in sequence."""
        self._queue: queue.SimpleQueue[tuple[list[Entry], asyncio.Future[int], asyncio.AbstractEventLoop] | None]
        self._queue = queue.SimpleQueue()
        self._failure: JournalError | None = None
        self._posted: set[asyncio.Task[int]] = set()
        self._thread = threading.Thread(target=self._work, name="journal", daemon=True)
        self._thread.start()

    async def append(self, entries: Sequence[Entry]) -> int:
        """As `Journal.append`. After a failure nothing is written any more: the sequence must not have a hole."""
        if self._failure is not None:
            raise self._failure
        loop = asyncio.get_running_loop()
        done: asyncio.Future[int] = loop.create_future()
        self._queue.put((list(entries), done, loop))
        self.pending += 1
        try:
            last = await done
        finally:
            self.pending -= 1
        for seq, entry in enumerate(entries, last - len(entries) + 1):
            self.witness(Record(seq, *entry))  # type: ignore[arg-type]  # its data is a mapping, and nobody changes it
        return last

    async def post(self, entries: Sequence[Entry]) -> None:
        """As `append`, without waiting for the disk unless many writes are on their way: for what nothing follows from.
        A failure is raised by the next call."""
        if self._failure is not None:
            raise self._failure
        self._posted = {task for task in self._posted if not task.done()}
        task = asyncio.ensure_future(self.append(entries))
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._posted.add(task)
        await asyncio.sleep(0)
        if len(self._posted) >= MOST_POSTED:
            await asyncio.wait(self._posted, return_when=asyncio.ALL_COMPLETED)

    def close(self) -> None:
        self._queue.put(None)
        self._thread.join()

    def _work(self) -> None:
        while True:
            item = self._queue.get()
            batch = []
            while item is not None:
                batch.append(item)
                try:
                    item = self._queue.get_nowait()
                except queue.Empty:
                    break
            if batch:
                self._write(batch)
            if item is None:
                return

    def _write(self, batch: list[tuple[list[Entry], asyncio.Future[int], asyncio.AbstractEventLoop]]) -> None:
        try:
            if self._failure is not None:
                raise self._failure
            last = self.journal.append([entry for entries, _, _ in batch for entry in entries])
            self.writes += 1
        except JournalError as problem:
            self._failure = problem
            for _, done, loop in batch:
                loop.call_soon_threadsafe(_fail, done, problem)
            return
        own = last - sum(len(entries) for entries, _, _ in batch)
        for entries, done, loop in batch:
            own += len(entries)
            loop.call_soon_threadsafe(_succeed, done, own)


def _succeed(done: asyncio.Future[int], last: int) -> None:
    if not done.done():
        done.set_result(last)


def _fail(done: asyncio.Future[int], problem: JournalError) -> None:
    if not done.done():
        done.set_exception(problem)


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(url)
    engine = create_engine(url, connect_args={"check_same_thread": False})

    @event.listens_for(engine, "connect")
    def durable(connection: Any, _: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA busy_timeout=5000")
        cursor.close()

    return engine


def _as_text(entry: Entry) -> str:
    try:
        return json.dumps(entry.data, allow_nan=False, separators=(",", ":"), ensure_ascii=False)
    except (TypeError, ValueError) as problem:
        raise JournalError(f"a record of kind {entry.kind} cannot be written: {problem}") from None


def _digest(before: str, seq: int, deployment: str, kind: str, ts: int, data: str) -> str:
    return hashlib.sha256("\0".join((before, str(seq), deployment, kind, str(ts), data)).encode()).hexdigest()


def _words(problem: SQLAlchemyError) -> str:
    """The database's own sentence, without statement, parameters or address."""
    original = getattr(problem, "orig", None)
    return str(original or problem).splitlines()[0][:200]


def cut(journal: Journal) -> int:
    """Drop what follows the last whole record; how many were dropped."""
    whole = 0
    try:
        for record in journal.read():
            whole = record.seq
    except JournalError:
        pass
    with journal._engine.begin() as connection:
        dropped = connection.execute(text("DELETE FROM journal WHERE seq > :seq"), {"seq": whole}).rowcount
    journal.last, journal._digest = journal._tail()
    return int(dropped)
