"""Every action is written down, and what was written stays."""

import base64
import os
import shutil
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from conftest import Place
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import SQLAlchemyError

from lingua_runtime.api.audit import Audit
from lingua_runtime.api.store import AUDIT, Store, StoreError
from lingua_runtime.control import ControlError, Mode

ARTEFACT = base64.b64encode(b"{}").decode()


def test_an_action_is_written_before_and_after(place: Place) -> None:
    place.node.put("one")
    place.client.post("/v1/deployments/one/pause", headers=place.as_("risk"))
    place.client.post("/v1/deployments/two/pause", headers=place.as_("risk"))
    assert place.records() == [
        ("risk", "pause", "one", "asked"),
        ("risk", "pause", "one", "done"),
        ("risk", "pause", "two", "asked"),
        ("risk", "pause", "two", "refused"),
    ]
    record = place.audit.read()[-1]
    assert record.source == "127.0.0.1"
    assert record.detail["code"] == "no_such_deployment"


def test_what_may_not_be_is_written_too(place: Place) -> None:
    place.client.get("/v1/audit", headers=place.as_("developer"))
    place.client.get("/v1/deployments")
    place.client.post("/v1/session", json={"name": "risk", "password": "a wrong password"})
    assert place.records() == [
        ("developer", "audit", "/v1/audit", "refused"),
        ("-", "deployments", "/v1/deployments", "refused"),
        ("-", "sign_in", "risk", "asked"),
        ("-", "sign_in", "risk", "refused"),
    ]


def test_a_fault_of_the_node_is_written_and_told_without_a_traceback(place: Place) -> None:
    place.node.put("one")
    place.node.fault = RuntimeError("at 0x7f, /home/someone")
    answer = place.client.post("/v1/deployments/one/pause", headers=place.as_("risk"))
    assert answer.status_code == 500
    assert answer.json() == {"code": "internal", "why": "the node failed to answer this; its log says how", "mend": ""}
    assert place.records()[-1] == ("risk", "pause", "one", "failed")


def test_seeing_is_not_written(place: Place) -> None:
    for path in ("/v1/deployments", "/v1/orders", "/v1/snapshot", "/metrics"):
        assert place.client.get(path, headers=place.as_("risk")).status_code == 200
    assert place.records() == []


def test_what_is_written_at_once_shares_a_transaction_and_one_chain(place: Place) -> None:
    commits, begin, gate = [], place.store.begin, threading.Barrier(8)

    def counted() -> Any:
        commits.append(1)
        time.sleep(0.01)
        return begin()

    place.store.begin = counted  # type: ignore[method-assign]  # the same, slowly

    def write(number: int) -> None:
        gate.wait()
        for k in range(5):
            assert place.audit.write("anna", "pause", f"d{number}-{k}", "here", "done").target == f"d{number}-{k}"

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    place.store.begin = begin  # type: ignore[method-assign]
    assert len(commits) <= 20
    assert place.audit.check() == (40, "")
    assert {record.target for record in place.audit.read()} == {f"d{n}-{k}" for n in range(8) for k in range(5)}


@pytest.mark.parametrize("change", ["value", "gap", "order", "insert"])
def test_a_changed_log_is_found_out(place: Place, change: str) -> None:
    for number in range(6):
        place.audit.write("anna", "pause", f"d{number}", "here", "done", {"number": number})
    assert place.audit.check() == (6, "")
    with place.store.begin() as connection:
        for verb in ("UPDATE", "DELETE"):
            connection.execute(text(f"DROP TRIGGER audit_no_{verb}"))
        if change == "value":
            connection.execute(update(AUDIT).where(AUDIT.c.seq == 3).values(who="bert"))
        elif change == "gap":
            connection.execute(delete(AUDIT).where(AUDIT.c.seq == 3))
        elif change == "order":
            connection.execute(update(AUDIT).where(AUDIT.c.seq == 3).values(ts=1))
        else:
            row = dict(connection.execute(select(AUDIT).where(AUDIT.c.seq == 6)).one()._mapping)
            connection.execute(update(AUDIT).where(AUDIT.c.seq == 6).values(seq=7))
            connection.execute(AUDIT.insert(), {**row, "who": "bert"})
    count, problem = place.audit.check()
    assert count == (5 if change == "insert" else 2)
    assert problem
    answer = place.client.get("/v1/audit/check", headers=place.as_("risk")).json()
    assert not answer["is_whole"]


def test_the_database_refuses_to_change_a_record(place: Place) -> None:
    place.audit.write("anna", "pause", "one", "here", "done")
    for statement in (update(AUDIT).values(who="bert"), delete(AUDIT)):
        with pytest.raises(SQLAlchemyError, match="only ever appended"), place.store.begin() as connection:
            connection.execute(statement)
    assert place.audit.check() == (1, "")


def test_fields_cannot_be_shifted_into_each_other(place: Place) -> None:
    one = place.audit.write("anna", "pause", "x", "here", "done")
    values = {"ts": one.ts, "who": "annap", "action": "ause", "target": "x", "source": "here", "outcome": "done"}
    from lingua_runtime.api.audit import BEGINNING, digest_of

    assert digest_of(BEGINNING, 1, {**values, "detail": "{}"}) != one.digest


def test_several_writers_make_one_chain(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'node.db'}"
    audits = [Audit(Store(url)) for _ in range(3)]

    def write(audit: Audit) -> None:
        for number in range(15):
            audit.write("anna", "pause", str(number), "here", "done")

    threads = [threading.Thread(target=write, args=(audit,)) for audit in audits]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert audits[0].check() == (45, "")


def broken(*_: Any, **__: Any) -> Any:
    raise StoreError("the audit log cannot be written: database or disk is full")


def test_without_an_audit_log_risk_can_be_reduced_and_nothing_else_is_done(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.node.put("one", Mode.LIVE)
    monkeypatch.setattr(place.audit, "write", broken)
    who = place.as_("administrator")
    for path, body in (
        ("/v1/deployments", {"artefact": ARTEFACT, "id": "new"}),
        ("/v1/deployments/one/resume", None),
        ("/v1/deployments/one/arm", {"phrase": "arm one"}),
        ("/v1/rearm", {"everything": True}),
    ):
        answer = place.client.post(path, headers=who, json=body)
        assert (answer.status_code, answer.json()["code"]) == (503, "audit_unavailable")
    assert place.node.done == []
    for path, body in (
        ("/v1/deployments/one/pause", None),
        ("/v1/deployments/one/disarm", None),
        ("/v1/deployments/one/stop", {"how": "flatten"}),
        ("/v1/kill", {"everything": True}),
    ):
        assert place.client.post(path, headers=who, json=body).status_code == 200, path
    assert [done[0] for done in place.node.done][:3] == ["pause", "disarm", "stop flatten"]
    assert 'lingua_errors_total{kind="audit"}' in place.metrics.text(place.node).decode()


def test_killing_is_never_refused_for_being_asked_too_often(tmp_path: Path) -> None:
    from conftest import make_place

    from lingua_runtime.api.settings import ApiSettings

    for place in make_place(tmp_path, ApiSettings(rate=0.01, burst=20.0)):
        codes = [place.client.get("/v1/orders", headers=place.as_("risk")).status_code for _ in range(25)]
        assert codes[0] == 200
        assert codes[-1] == 429
        answer = place.client.get("/v1/orders", headers=place.as_("risk"))
        assert int(answer.headers["retry-after"]) >= 1
        assert place.client.get("/v1/orders", headers=place.as_("developer")).status_code == 200
        assert place.client.post("/v1/kill", headers=place.as_("risk"), json={"everything": True}).status_code == 200


def test_what_the_node_refuses_is_told_in_its_own_words(place: Place) -> None:
    place.node.fault = ControlError("venue", "the venue is closed", "wait for Monday")
    answer = place.client.get("/v1/deployments/one", headers=place.as_("risk"))
    assert answer.status_code == 409
    assert answer.json() == {"code": "venue", "why": "the venue is closed", "mend": "wait for Monday"}


@pytest.mark.skipif(
    not Path("/usr/lib/postgresql/15/bin/initdb").exists() or shutil.which("runuser") is None,
    reason="there is no PostgreSQL 15 here",
)
def test_the_tables_live_in_postgresql_too(tmp_path: Path) -> None:
    pytest.importorskip("psycopg")
    # A folder of its own: the server's user may not go through the one of the tests, and a socket's path is short.
    bin_, folder = Path("/usr/lib/postgresql/15/bin"), Path(tempfile.mkdtemp(prefix="lingua-pg-"))
    data = folder / "data"
    as_user: list[str] = []
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
        as_user = ["runuser", "-u", "postgres", "--"]

    def run(*words: str) -> None:
        subprocess.run([*as_user, *words], check=True, capture_output=True, timeout=120, cwd="/")

    run(str(bin_ / "initdb"), "-D", str(data), "-A", "trust", "-U", "lingua")
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
    run(str(bin_ / "pg_ctl"), "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start")
    try:
        from conftest import make_place

        url = f"postgresql+psycopg://lingua@/postgres?host={folder}"
        for place in make_place(tmp_path, url=url):
            place.node.put("one")
            assert place.client.post("/v1/deployments/one/pause", headers=place.as_("risk")).status_code == 200
            assert place.audit.check() == (2, "")
            with pytest.raises(SQLAlchemyError, match="only ever appended"), place.store.begin() as connection:
                connection.execute(delete(AUDIT))
    finally:
        run(str(bin_ / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)
