"""The journal in a PostgreSQL server: a node trades, dies and stands where it ended; a broken record is found."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("sqlalchemy", reason="the extra `live` is not installed")
pytest.importorskip("psycopg", reason="no driver for PostgreSQL is installed")

from sqlalchemy import create_engine, text
from test_node import TREND, artefact, fair

from lingua_runtime.journal import Journal, JournalError, cut
from lingua_runtime.replaying import replay_journal

BIN = Path("/usr/lib/postgresql/15/bin")
pytestmark = pytest.mark.skipif(
    not (BIN / "initdb").exists() or (os.geteuid() == 0 and shutil.which("runuser") is None),
    reason="there is no PostgreSQL 15 here",
)


@pytest.fixture
def url() -> Iterator[str]:
    """A server of its own, on a socket in a folder of its own: its user may not go through that of the tests."""
    folder = Path(tempfile.mkdtemp(prefix="lingua-pg-"))
    as_user: list[str] = []
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
        as_user = ["runuser", "-u", "postgres", "--"]

    def run(*words: str) -> None:
        subprocess.run([*as_user, *words], check=True, capture_output=True, timeout=120, cwd="/")

    run(str(BIN / "initdb"), "-D", str(folder / "data"), "-A", "trust", "-U", "lingua")
    options = f"-c listen_addresses='' -c unix_socket_directories={folder}"
    run(str(BIN / "pg_ctl"), "-D", str(folder / "data"), "-w", "-l", str(folder / "log"), "-o", options, "start")
    try:
        yield f"postgresql+psycopg://lingua@/postgres?host={folder}"
    finally:
        run(str(BIN / "pg_ctl"), "-D", str(folder / "data"), "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def test_a_node_trades_dies_and_comes_back_on_postgresql(url: str, tmp_path: Path) -> None:
    async def main() -> None:
        world = fair(tmp_path, 25, 200)
        world.config = replace(world.config, journal=url)
        await world.run(60)
        await world.start()
        await world.deploy(artefact(TREND), "t")
        await world.run(60)
        await world.end()
        await world.run(2)
        await world.start()
        await world.run(20)
        await world.wait(40)
        world.agreed()
        assert world.exchange.trades
        await world.end()

    asyncio.run(main())
    (told,) = replay_journal(url)
    assert told.why == ""
    assert told.compared > 80
    journal = Journal(url)
    last = journal.last
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE journal SET ts = ts + 1 WHERE seq = :seq"), {"seq": last - 2})
    engine.dispose()
    with pytest.raises(JournalError, match=f"record {last - 2} is not what was written"):
        list(journal.read())
    assert cut(journal) == 3
    assert len(list(journal.read())) == last - 3
    journal.close()
