"""What a node was told and what it did, in sequence, on disk before anything follows from it.

One table. A row is written in a transaction that has reached the disk when `append` returns; every row carries a digest
over itself and the row before, so that a tail that was torn or changed is told from a whole one. SQLite in a file by
default, PostgreSQL by URL. Rows are never changed.

`Journal` is used from one thread at a time. `Writer` gives an event loop the same without waiting in it, and lets many
appends share one write to disk: those of one turn of the loop, and those that come while the disk is waited for. What a
write costs is one wait for the disk. SQLite's log of writes is emptied into its database by `tidy`, beside the writes.
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
    Column("deployment", String(64), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("ts", BigInteger, nullable=False),
    Column("data", Text, nullable=False),
    Column("digest", String(64), nullable=False),
)
APPEND = (
    "INSERT INTO journal (seq, deployment, kind, ts, data, digest) SELECT "
    + ", ".join(f"json_extract(value, '$[{k}]')" for k in range(6))
    + " FROM json_each(?)"
)
"""Of SQLite: all rows in one call of it. Between two calls the thread that writes waits for the interpreter, which a
busy event loop lets go of only now and then."""
TIDY_EVERY = 2_000
"""Rows between two times that SQLite's log is emptied."""
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


class Row(NamedTuple):
    """As the table has it: `data` is JSON."""

    seq: int
    deployment: str
    kind: str
    ts: int
    data: str
    digest: str


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
            self._is_sqlite = self._engine.dialect.name == "sqlite"
            level = "AUTOCOMMIT" if self._is_sqlite else "READ COMMITTED"
            self._connection = self._engine.connect().execution_options(isolation_level=level)
            self.last, self._digest = self._tail()
        except SQLAlchemyError as problem:
            raise JournalError(f"{self.name} cannot be opened: {_words(problem)}") from None
        except ModuleNotFoundError as problem:
            raise JournalError(
                f"{self.name} cannot be opened: its driver {problem.name} is not installed; "
                "for PostgreSQL: pip install 'lingua-trading[postgres]'"
            ) from None

    def append(self, entries: Sequence[Entry]) -> int:
        """Write all or none; the number of the last one. It is on the disk when this returns. Raises JournalError."""
        before = self.last, self._digest
        rows = self.seal(entries)
        try:
            self.write(rows)
        except JournalError:
            self.last, self._digest = before
            raise
        return self.last

    def seal(self, entries: Sequence[Entry]) -> list[Row]:
        """The rows of what is to be written next, numbered and chained. Raises JournalError for what cannot be."""
        rows, seq, digest = [], self.last, self._digest
        for entry in entries:
            seq += 1
            data = _as_text(entry)
            digest = _digest(digest, seq, entry.deployment, entry.kind, entry.ts, data)
            rows.append(Row(seq, entry.deployment, entry.kind, entry.ts, data, digest))
        self.last, self._digest = seq, digest
        return rows

    def write(self, rows: Sequence[Row]) -> None:
        """All or none, in the order in which they were sealed. Raises JournalError."""
        if not rows:
            return
        try:
            if self._is_sqlite:
                self._connection.exec_driver_sql(APPEND, (json.dumps(rows),))
            else:
                with self._connection.begin():
                    self._connection.execute(insert(RECORDS), [row._asdict() for row in rows])
        except SQLAlchemyError as problem:
            raise JournalError(f"{self.name} cannot be written: {_words(problem)}") from None

    def tidy(self) -> None:
        """Empty SQLite's log of writes into its database. Safe beside `write`, in another thread; what does not succeed
        is done the next time."""
        if self._is_sqlite:
            with contextlib.suppress(SQLAlchemyError), self._engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)").all()

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
    """A journal behind a thread of its own. Used from one event loop."""

    def __init__(self, journal: Journal, witness: Callable[[Record], None] = lambda _: None) -> None:
        self.journal = journal
        self.writes = 0
        """Times the disk was waited for."""
        self.pending = 0
        """Appends that are not on the disk yet."""
        self.witness = witness
        """Called in the event loop with every record that is on the disk, in sequence."""
        self._queue: queue.SimpleQueue[list[Waiting] | None] = queue.SimpleQueue()
        self._turn: list[Waiting] = []
        """What this turn of the loop has appended so far."""
        self._failure: JournalError | None = None
        self._posted: set[asyncio.Task[int]] = set()
        self._untidy = 0
        self._tidying: threading.Thread | None = None
        self._thread = threading.Thread(target=self._work, name="journal", daemon=True)
        self._thread.start()

    async def append(self, entries: Sequence[Entry]) -> int:
        """As `Journal.append`. After a failure nothing is written any more: the sequence must not have a hole."""
        if self._failure is not None:
            raise self._failure
        loop = asyncio.get_running_loop()
        rows = self.journal.seal(entries)
        last = self.journal.last
        done: asyncio.Future[None] = loop.create_future()
        if not self._turn:
            loop.call_soon(self._end_turn)
        self._turn.append(Waiting(rows, done, loop))
        self.pending += 1
        try:
            await done
        finally:
            self.pending -= 1
        for row, entry in zip(rows, entries, strict=True):
            self.witness(Record(row.seq, *entry))  # type: ignore[arg-type]  # its data is a mapping; nobody changes it
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
        self._end_turn()
        self._queue.put(None)
        self._thread.join()
        if self._tidying is not None:
            self._tidying.join()

    def _end_turn(self) -> None:
        turn, self._turn = self._turn, []
        if turn:
            self._queue.put(turn)

    def _work(self) -> None:
        while True:
            item = self._queue.get()
            batch: list[Waiting] = []
            while item is not None:
                batch += item
                try:
                    item = self._queue.get_nowait()
                except queue.Empty:
                    break
            if batch:
                self._write(batch)
            if item is None:
                return

    def _write(self, batch: list[Waiting]) -> None:
        try:
            if self._failure is not None:
                raise self._failure
            rows = [row for each in batch for row in each.rows]
            self.journal.write(rows)
            self.writes += 1
        except JournalError as problem:
            self._failure = problem
            for each in batch:
                each.loop.call_soon_threadsafe(_fail, each.done, problem)
            return
        batch[0].loop.call_soon_threadsafe(_succeed, batch)
        self._tidy(len(rows))

    def _tidy(self, rows: int) -> None:
        """Now and then, in a thread of its own: a write does not wait for it."""
        self._untidy += rows
        if self._untidy >= TIDY_EVERY and (self._tidying is None or not self._tidying.is_alive()):
            self._untidy = 0
            self._tidying = threading.Thread(target=self.journal.tidy, name="journal-tidy", daemon=True)
            self._tidying.start()


class Waiting(NamedTuple):
    rows: list[Row]
    done: asyncio.Future[None]
    loop: asyncio.AbstractEventLoop


def _succeed(batch: list[Waiting]) -> None:
    for each in batch:
        if not each.done.done():
            each.done.set_result(None)


def _fail(done: asyncio.Future[None], problem: JournalError) -> None:
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
        cursor.execute("PRAGMA wal_autocheckpoint=0")
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
