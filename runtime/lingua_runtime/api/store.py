"""The tables of people, keys, sessions and the audit log, in the node's own database."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger, Column, Integer, MetaData, String, Table, Text, create_engine, event, text
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.exc import SQLAlchemyError

METADATA = MetaData()
USERS = Table(
    "users",
    METADATA,
    Column("name", String(64), primary_key=True),
    Column("roles", String(200), nullable=False),
    Column("password", String(200), nullable=False),
    Column("is_active", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created", BigInteger, nullable=False),
)
"""`password`: as argon2 writes it, or empty for none. `version` grows when all sessions must end."""
KEYS = Table(
    "api_keys",
    METADATA,
    Column("id", String(16), primary_key=True),
    Column("user", String(64), nullable=False, index=True),
    Column("label", String(100), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("roles", String(200), nullable=False),
    Column("is_read_only", Integer, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
)
"""`digest`: SHA-256 of a key of 256 random bits, which needs no slow hash. `roles`: empty means all of the user's."""
SESSIONS = Table(
    "sessions",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("user", String(64), nullable=False, index=True),
    Column("ends", BigInteger, nullable=False),
)
AUDIT = Table(
    "audit",
    METADATA,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("ts", BigInteger, nullable=False),
    Column("who", String(64), nullable=False, index=True),
    Column("action", String(32), nullable=False, index=True),
    Column("target", String(200), nullable=False, index=True),
    Column("source", String(100), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("detail", Text, nullable=False),
    Column("digest", String(64), nullable=False),
)
APPEND_ONLY = {
    "sqlite": [
        f"CREATE TRIGGER IF NOT EXISTS audit_no_{verb} BEFORE {verb} ON audit "
        "BEGIN SELECT RAISE(ABORT, 'the audit log is only ever appended to'); END"
        for verb in ("UPDATE", "DELETE")
    ],
    "postgresql": [
        "CREATE OR REPLACE FUNCTION audit_only_grows() RETURNS trigger AS $$ BEGIN "
        "RAISE EXCEPTION 'the audit log is only ever appended to'; END $$ LANGUAGE plpgsql",
        "CREATE OR REPLACE TRIGGER audit_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows()",
    ],
}


class StoreError(Exception):
    """The database cannot be read or written; the text says why, without statement or address."""


class Store:
    """`url` as SQLAlchemy writes it. Tables are made where there are none. Raises StoreError."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        self._reading = self.engine.execution_options(reads=True)
        try:
            METADATA.create_all(self.engine)
            with self.engine.begin() as connection:
                for statement in APPEND_ONLY.get(self.engine.dialect.name, ()):
                    connection.execute(text(statement))
        except SQLAlchemyError as problem:
            raise StoreError(f"the database of users cannot be opened: {words(problem)}") from None

    def begin(self) -> Any:
        """A transaction: `with store.begin() as connection`. One that writes holds the database from its start, so
        that what it read is still so when it writes."""
        return self.engine.begin()

    def read(self) -> Any:
        """A transaction that only reads: it waits for nobody."""
        return self._reading.begin()

    def lock(self, connection: Connection) -> None:
        """No other process may write until the transaction ends."""
        if self.engine.dialect.name == "postgresql":
            connection.execute(text("LOCK TABLE audit IN EXCLUSIVE MODE"))

    def close(self) -> None:
        self.engine.dispose()


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True)
    path = make_url(url).database
    if path and path != ":memory:" and not Path(path).exists():
        # What hashes of passwords and who did what are in is for its owner's eyes; SQLite's other files take its mode.
        try:
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as problem:
            raise StoreError(f"{Path(path).name} cannot be made: {problem.strerror}") from None
    engine = create_engine(url, connect_args={"check_same_thread": False, "timeout": 5.0})

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _: Any) -> None:
        # The driver's own handling of transactions begins them late; `started` does it.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.close()

    @event.listens_for(engine, "begin")
    def started(connection: Connection) -> None:
        is_reading = connection.get_execution_options().get("reads", False)
        connection.exec_driver_sql("BEGIN" if is_reading else "BEGIN IMMEDIATE")

    return engine


def words(problem: SQLAlchemyError) -> str:
    original = getattr(problem, "orig", None)
    return str(original or type(problem).__name__).splitlines()[0][:200]
