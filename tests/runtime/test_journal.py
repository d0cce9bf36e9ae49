"""What is written stays written; what was torn or changed is told; many appends share one write."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import threading
from pathlib import Path

import pytest

pytest.importorskip("sqlalchemy", reason="the extra `live` is not installed")

from lingua_runtime.journal import Entry, Journal, JournalError, Writer, cut


def entry(number: int, deployment: str = "a") -> Entry:
    return Entry(deployment, "bar", number, {"close": number + 0.1, "text": "ä\u2028"})


def test_what_was_appended_is_read_in_its_order_by_another_process_too(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "node.db")
    assert journal.append([entry(1), entry(2, "b")]) == 2
    assert journal.append([entry(3)]) == 3
    again = Journal(tmp_path / "node.db")
    assert [(r.seq, r.deployment, r.ts, r.data["close"]) for r in again.read()] == [
        (1, "a", 1, 1.1), (2, "b", 2, 2.1), (3, "a", 3, 3.1),
    ]  # fmt: skip
    assert [r.seq for r in again.read("a", after=1)] == [3]
    assert again.append([entry(4)]) == 4
    assert journal.append([]) == 3


def test_two_writers_do_not_mix(tmp_path: Path) -> None:
    one, other = Journal(tmp_path / "node.db"), Journal(tmp_path / "node.db")
    one.append([entry(1)])
    with pytest.raises(JournalError, match="cannot be written"):
        other.append([entry(1)])
    assert len(list(one.read())) == 1


@pytest.mark.parametrize("change", ["UPDATE journal SET data='{}' WHERE seq=3", "DELETE FROM journal WHERE seq=3"])
def test_a_changed_tail_is_told_and_can_be_cut(tmp_path: Path, change: str) -> None:
    journal = Journal(tmp_path / "node.db")
    journal.append([entry(k) for k in range(1, 6)])
    journal.close()
    with sqlite3.connect(tmp_path / "node.db") as connection:
        connection.execute(change)
    connection.close()
    broken = Journal(tmp_path / "node.db")
    records = broken.read()
    assert [next(records).seq, next(records).seq] == [1, 2]
    with pytest.raises(JournalError, match="record 3 is not what was written; the 2 before it are"):
        next(records)
    assert cut(broken) == (3 if "UPDATE" in change else 2)
    assert broken.append([entry(9)]) == 3
    assert [r.ts for r in broken.read()] == [1, 2, 9]


def test_a_file_that_is_none_and_a_folder_that_is_not_there_are_told(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"not a database at all, but long enough to be looked at" * 20)
    with pytest.raises(JournalError, match=r"x\.db cannot be opened"):
        Journal(tmp_path / "x.db")
    with pytest.raises(JournalError, match="cannot be opened"):
        Journal(tmp_path / "none" / "x.db")
    with pytest.raises(JournalError) as told:
        Journal("postgresql+psycopg://user:secret@127.0.0.1:1/none") if _has_psycopg() else Journal(
            "sqlite:////proc/none/x.db"
        )
    assert "secret" not in str(told.value)


def test_a_driver_that_is_not_there_is_told_with_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(JournalError, match=r"its driver psycopg is not installed.*lingua-trading\[postgres\]") as told:
        Journal("postgresql+psycopg://user:secret@127.0.0.1:1/none")
    assert "secret" not in str(told.value)


def test_the_log_of_writes_is_emptied_beside_the_writes(tmp_path: Path) -> None:
    async def main() -> None:
        writer = Writer(Journal(tmp_path / "node.db"))
        for k in range(60):
            await writer.append([entry(100 * k + j) for j in range(100)])
        writer.close()
        # All of it is written, and the log did not keep all of it.
        assert len(list(writer.journal.read())) == 6_000
        assert (tmp_path / "node.db").stat().st_size > 500_000
        writer.journal.close()

    asyncio.run(main())


def _has_psycopg() -> bool:
    try:
        import psycopg  # noqa: F401
    except ImportError:
        return False
    return True


def test_appends_of_one_moment_share_a_write_and_keep_their_order(tmp_path: Path) -> None:
    async def main() -> tuple[list[int], int]:
        writer = Writer(Journal(tmp_path / "node.db"))
        found = await asyncio.gather(*(writer.append([entry(k)]) for k in range(200)))
        writer.close()
        return list(found), writer.writes

    before = set(threading.enumerate())
    found, writes = asyncio.run(main())
    assert found == sorted(found)
    assert writes < 200
    assert [r.ts for r in Journal(tmp_path / "node.db").read()] == list(range(200))
    assert not [t for t in set(threading.enumerate()) - before if t.name == "journal"]


def test_after_a_failure_nothing_is_written_any_more(tmp_path: Path) -> None:
    async def main() -> list[str]:
        journal = Journal(tmp_path / "node.db")
        writer = Writer(journal)
        await writer.append([entry(1)])
        with sqlite3.connect(tmp_path / "node.db") as connection:
            connection.execute("DROP TABLE journal")
        connection.close()
        told = []
        for k in (2, 3):
            try:
                await writer.append([entry(k)])
            except JournalError as problem:
                told.append(str(problem))
        writer.close()
        return told

    told = asyncio.run(main())
    assert len(told) == 2
    assert all("cannot be written" in text for text in told)
