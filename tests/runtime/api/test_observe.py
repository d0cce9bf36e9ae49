"""Logs, metrics, messages and secrets; and no secret in any of the others."""

import asyncio
import base64
import io
import json
import logging
import stat
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from conftest import Place, make_place
from double import Double
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from lingua_runtime.control import Event
from lingua_runtime.observe import logs
from lingua_runtime.observe.metrics import MOST_LABELS, Metrics
from lingua_runtime.observe.notify import Notifier, NotifyError, Topic, topic_of
from lingua_runtime.observe.redact import HIDDEN, REDACTOR, Redactor, forms
from lingua_runtime.observe.watch import watch
from lingua_runtime.secrets import Secret, Secrets, SecretsError

PASS = {"LINGUA_PASSPHRASE": "correct horse battery"}


class Receiver:
    """What apprise's `json://` sends to."""

    def __init__(self) -> None:
        self.messages: list[Any] = []
        mine = self.messages

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                mine.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: Any) -> None: ...

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"json://user:pa55w0rd-of-the-receiver@127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def wait(self, count: int) -> None:
        until = time.monotonic() + 20
        while len(self.messages) < count and time.monotonic() < until:
            time.sleep(0.02)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The key of a file is made by the same way at less cost."""
    monkeypatch.setattr("lingua_runtime.secrets.COST", {"n": 2**14, "r": 8, "p": 1})


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.server.shutdown()


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    logs.configure(stream)
    yield stream
    logs.configure(io.StringIO())


def event(kind: str = "alarm", text: str = "text", level: str = "critical", seq: int = 1, **data: Any) -> Event:
    return Event(seq, 0, "one", kind, level, text, data)


# --- logs ---


def test_a_log_is_one_json_object_a_line(lines: io.StringIO) -> None:
    logs.logger("node").info("started\n{}", deployments=3, name="a\u2028b")
    logging.getLogger("uvicorn.error").warning("of a library %s", "x")
    try:
        raise ValueError("deep\nreason")
    except ValueError:
        logs.logger("node").exception("failed")
    rows = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert [row["level"] for row in rows] == ["info", "warning", "error"]
    assert rows[0]["event"] == "started\n{}"
    assert rows[0]["deployments"] == 3
    assert rows[1]["event"] == "of a library x"
    assert "ValueError: deep" in rows[2]["exception"]
    assert all(row["ts"].endswith("Z") for row in rows)


def test_a_long_value_is_cut(lines: io.StringIO) -> None:
    logs.logger("node").info("x" * 100_000)
    assert len(lines.getvalue()) < 10_000


# --- metrics ---


def test_the_metrics_are_what_prometheus_reads() -> None:
    metrics, node = Metrics(), Double()
    node.put("one", equity=1_234.5, drawdown=0.2)
    with metrics.timed(metrics.decision):
        pass
    metrics.risk.observe(0.0002)
    metrics.saw(event("fill", level="note"))
    metrics.saw(event(what="journal"))
    metrics.queue.labels("journal").set(7)
    text = metrics.text(node).decode()
    found = {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert found["lingua_equity", ("deployment", "one")] == 1_234.5
    assert found["lingua_errors_total", ("kind", "journal")] == 1
    assert found["lingua_events_total", ("kind", "fill")] == 1
    assert found["lingua_queue_depth", ("queue", "journal")] == 7
    assert found["lingua_decision_seconds_count",] == 1
    assert found["lingua_risk_seconds_bucket", ("le", "0.00025")] == 1
    assert found["lingua_feed_lag_seconds", ("feed", "sim")] == 0.1
    assert found["lingua_ready",] == 1


def test_a_deployment_that_is_gone_is_gone_from_the_metrics() -> None:
    metrics, node = Metrics(), Double()
    node.put("one")
    assert b'deployment="one"' in metrics.text(node)
    node.all.clear()
    assert b'deployment="one"' not in metrics.text(node)


def test_names_from_outside_cannot_fill_the_memory() -> None:
    metrics = Metrics()
    for number in range(MOST_LABELS + 50):
        metrics.error(f"kind {number}" + "x" * 500)
    text = metrics.text(Double()).decode()
    assert text.count("lingua_errors_total{") == MOST_LABELS + 1
    assert 'lingua_errors_total{kind="other"} 50.0' in text


def test_requests_are_measured_by_the_declared_path(place: Place) -> None:
    place.node.put("one")
    for path in ("/v1/deployments/one", "/v1/deployments/two", "/nothing/here"):
        place.client.get(path, headers=place.as_("risk"))
    text = place.client.get("/metrics", headers=place.as_("risk")).text
    answers = 'lingua_http_answers_total{method="GET",route="/v1/deployments/{deployment}",status="%d"} 1.0'
    assert answers % 200 in text
    assert answers % 404 in text
    assert "/nothing" not in text


# --- messages ---


def test_a_message_arrives(receiver: Receiver) -> None:
    notifier = Notifier([receiver.address])
    notifier.offer(event("order", "buy 1 BTCUSDT", "note"))
    notifier.offer(event("bar", "nobody wants to know", "note"))
    notifier.close()
    assert [(each["title"], each["message"]) for each in receiver.messages] == [("Lingua one: order", "buy 1 BTCUSDT")]


def test_nothing_is_sent_unless_it_is_asked_for(receiver: Receiver) -> None:
    Notifier([]).offer(event("order"))
    only = Notifier([receiver.address], topics=[Topic.LIMIT])
    only.offer(event("order"))
    only.offer(event("risk", "daily loss"))
    only.close()
    assert [each["message"] for each in receiver.messages] == ["daily loss"]


def test_what_is_too_much_is_counted_and_told_in_the_next_message(receiver: Receiver) -> None:
    now = [0.0]
    notifier = Notifier([receiver.address], per_minute=3, clock=lambda: now[0])
    for number in range(10):
        notifier.offer(event("order", f"order {number}"))
    now[0] = 20.0
    notifier.offer(event("order", "later"))
    notifier.close()
    said = [each["message"] for each in receiver.messages]
    assert said[:3] == ["order 0", "order 1", "order 2"]
    assert said[3].startswith("later\n(7 more were not sent")
    assert len(said) == 4


def test_a_service_that_does_not_answer_holds_nobody_up() -> None:
    metrics = Metrics()
    notifier = Notifier(["json://127.0.0.1:9/"], per_minute=1_000, metrics=metrics)
    began = time.monotonic()
    for number in range(500):
        notifier.offer(event("order", str(number), seq=number))
    assert time.monotonic() - began < 1
    notifier.close(0.1)


def test_an_address_that_is_none_is_told_without_showing_it() -> None:
    with pytest.raises(NotifyError) as problem:
        Notifier(["json://ok:okokokok@127.0.0.1/", "nonsense-hunter2secret"])
    assert "number 2" in str(problem.value)
    assert "hunter2" not in str(problem.value)


@pytest.mark.parametrize(
    ("of", "topic"),
    [
        (event("order", level="note"), Topic.ORDER),
        (event("fill", level="info"), Topic.ORDER),
        (event("alarm", what="journal"), Topic.ERROR),
        (event("alarm", level="warning", what="sweep"), Topic.DISCONNECT),
        (event("alarm", level="warning", what="fee"), None),
        (event("risk", level="warning"), Topic.LIMIT),
        (event("decisions", level="note"), None),
    ],
)
def test_topics(of: Event, topic: Topic | None) -> None:
    assert topic_of(of) is topic


# --- secrets ---


@pytest.mark.usefixtures("quick")
def test_secrets_come_from_the_environment_and_from_the_file(tmp_path: Path) -> None:
    file = tmp_path / "secrets.json"
    kept = Secrets(file, environment=PASS)
    kept.set("binance_key", "from the file")
    kept.set("other", "another value")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "from the file" not in file.read_text()
    again = Secrets(file, environment={**PASS, "LINGUA_SECRET_OTHER": "from the environment"})
    assert again.get("binance_key").reveal() == "from the file"
    assert again.get("other").reveal() == "from the environment"
    assert again.names() == ["binance_key", "other"]
    again.remove("binance_key")
    assert Secrets(file, environment=PASS).names() == ["other"]
    with pytest.raises(SecretsError, match="no secret `binance_key`"):
        again.get("binance_key")


@pytest.mark.usefixtures("quick")
def test_a_file_of_secrets_that_was_touched_is_refused_in_words(tmp_path: Path) -> None:
    file = tmp_path / "secrets.json"
    Secrets(file, environment=PASS).set("a", "long enough")
    good = json.loads(file.read_text())

    def refusal(text: str, mode: int = 0o600, passphrase: str = PASS["LINGUA_PASSPHRASE"]) -> str:
        file.write_text(text)
        file.chmod(mode)
        with pytest.raises(SecretsError) as problem:
            Secrets(file, environment={"LINGUA_PASSPHRASE": passphrase}).get("a")
        return problem.value.why

    assert "passphrase is wrong" in refusal(json.dumps(good), passphrase="another passphrase")
    assert "others can read" in refusal(json.dumps(good), 0o640)
    data = bytearray(base64.b64decode(good["data"]))
    data[3] ^= 1
    assert "was changed" in refusal(json.dumps({**good, "data": base64.b64encode(bytes(data)).decode()}))
    weak = {**good, "header": {**good["header"], "r": 9}}
    assert "was changed" in refusal(json.dumps(weak))
    greedy = {**good, "header": {**good["header"], "n": 2**30}}
    for text in (json.dumps(greedy), "", "{}", "[]", "null", "\x00", '{"header": 1}', "[" * 100_000):
        assert "damaged" in refusal(text), text[:20]
    with pytest.raises(SecretsError, match="at least 8"):
        Secrets(tmp_path / "new.json", environment=PASS).set("a", "short")
    with pytest.raises(SecretsError, match="small letters"):
        Secrets(tmp_path / "new.json", environment=PASS).set("../a", "long enough")


@pytest.mark.usefixtures("quick")
def test_the_passphrase_may_lie_in_a_file_of_its_owner(tmp_path: Path) -> None:
    lying = tmp_path / "passphrase"
    lying.write_text("correct horse battery\n")
    lying.chmod(0o600)
    Secrets(tmp_path / "s.json", environment={"LINGUA_PASSPHRASE_FILE": str(lying)}).set("a", "long enough")
    assert Secrets(tmp_path / "s.json", environment=PASS).get("a").reveal() == "long enough"
    lying.chmod(0o644)
    with pytest.raises(SecretsError, match="others can read"):
        Secrets(tmp_path / "s.json", environment={"LINGUA_PASSPHRASE_FILE": str(lying)}).get("a")
    with pytest.raises(SecretsError, match="not known"):
        Secrets(tmp_path / "s.json", environment={}).get("a")


def test_a_secret_does_not_show_itself() -> None:
    secret = Secret("do not show this")
    assert "do not" not in f"{secret} {secret!r} {[secret]}"
    import pickle

    with pytest.raises(TypeError, match="not stored"):
        pickle.dumps(secret)


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("password=hunter2 and more", "hunter2"),
        ('{"api_key": "abc def", "a": 1}', "abc def"),
        ("https://u:hunter2@host/x", "hunter2"),
        ("GET /order?symbol=A&signature=deadbeef01&x=1", "deadbeef01"),
        ("Authorization: Bearer abcdefghijk", "abcdefghijk"),
        ("X-MBX-APIKEY: abcdefghijk", "abcdefghijk"),
        ("lk_abcdef123456_" + "A" * 43, "A" * 43),
        ("eyJhbGciOiJI.eyJzdWIiOiJh.c2lnbmF0dXJl", "c2lnbmF0dXJl"),
        ("postgresql+psycopg://lingua:hunter2@db/x", "hunter2"),
        ("token='it''s'", "it"),
    ],
)
def test_what_was_never_announced_is_known_by_its_surroundings(text: str, hidden: str) -> None:
    assert hidden not in Redactor().text(text)
    assert HIDDEN in Redactor().text(text)


@pytest.mark.parametrize("text", ["the token was good", "a key stroke", "BTCUSDT 50,000", "passed: all", ""])
def test_what_is_no_secret_stays(text: str) -> None:
    assert Redactor().text(text) == text


def test_redacting_takes_no_longer_for_text_that_was_made_to() -> None:
    for text in (
        'token="' * 20_000,
        "a" * 200_000,
        "a://" * 50_000,
        "token='" + "a" * 200_000,
        "token" + " " * 100_000,
    ):
        began = time.perf_counter()
        Redactor().text(text)
        assert time.perf_counter() - began < 5, text[:10]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Place, Receiver]]:
    receiver = Receiver()
    for place in make_place(tmp_path_factory.mktemp("channels")):
        yield place, receiver
    receiver.server.shutdown()


secrets_ = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=8, max_size=40).filter(
    lambda text: len(text.strip()) >= 8 and len(set(text)) >= 5
)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(value=secrets_, wrap=st.sampled_from(["{}", "why: {} (code 7)", "x{}y", "'{}'", "\n{}\n", "https://h/?a={}"]))
def test_a_secret_appears_in_no_channel(shared: tuple[Place, Receiver], value: str, wrap: str) -> None:
    place, receiver = shared
    Secret(value)
    node, client, who = place.node, place.client, place.as_("administrator")
    careless = wrap.format(value)
    encoded = wrap.format(quote(value, safe=""))
    raw = value.encode()
    stream = io.StringIO()
    logs.configure(stream)
    try:
        # Where a careless venue, strategy or fault would put it: texts, data, names, reasons, exceptions.
        node.secret = careless
        node.past.clear()
        told = [
            node.say("alarm", careless, "one", "critical", what=careless, inner=[{careless: encoded}], raw=raw),
            node.say("order", encoded, "one", "warning", signature=value),
        ]
        node.put("one", why=careless)
        notifier = Notifier([receiver.address], per_minute=100_000)
        metrics = place.metrics
        for each in told:
            notifier.offer(each)
            metrics.saw(each)
        asyncio.run(_watch_once(node, metrics))
        notifier.close()
        seen = [
            client.get(path, headers=who).text for path in ("/v1/log", "/v1/deployments", "/v1/risk", "/v1/snapshot")
        ]
        body = {"artefact": base64.b64encode(b"x").decode(), "id": "two", "account": careless[:90]}
        seen.append(client.post("/v1/deployments", headers=who, json=body).text)
        node.fault = RuntimeError(careless)
        seen.append(client.get("/v1/health", headers=who).text)
        node.fault = None
        seen.append(client.get("/v1/deployments/" + quote(value, safe=""), headers=who).text)
        seen.append(client.post("/v1/session", json={"name": careless[:64], "password": value}).text)
        seen.append(client.get("/v1/audit?most=1000", headers=who).text)
        seen.append(metrics.text(node).decode())
        seen.append(stream.getvalue())
        seen.append(json.dumps(receiver.messages))
        try:
            raise ValueError(careless)
        except ValueError:
            logs.logger("x").exception(careless, extra={careless: careless})
        seen.append(stream.getvalue())
    finally:
        node.fault, node.secret = None, ""
        logs.configure(io.StringIO())
        receiver.messages.clear()
    assert len(stream.getvalue()) > 500
    everything = "\n".join(seen)
    for form in forms(value):
        # A random value may be a part of ordinary words: only one that is not in what is said anyway can tell.
        assert form not in everything.replace(HIDDEN, ""), (form, value)


async def _watch_once(node: Double, metrics: Metrics) -> None:
    task = asyncio.ensure_future(watch(node, metrics))
    await asyncio.sleep(0)
    node.say("alarm", node.secret, "one", "critical", what=node.secret)
    await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def test_the_process_has_one_redactor() -> None:
    REDACTOR.add("a value for this test")
    assert REDACTOR.text("so a value for this test is gone") == f"so {HIDDEN} is gone"
