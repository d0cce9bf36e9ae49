"""The interface over a node as it runs: recorded bars, the backtest's fills, its journal and its log."""

import asyncio
import base64
import http.client
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from serving import Serving
from websockets.sync.client import connect as listen

import lingua
from lingua.artefact import to_json
from lingua_runtime.api.roles import ROUTES
from lingua_runtime.client import Client, connect
from lingua_runtime.config import config_of
from lingua_runtime.control import CONSOLE, ControlError, Mode, RiskState, Standing
from lingua_runtime.node import Node
from lingua_runtime.observe import timing
from lingua_runtime.observe.metrics import Metrics

PROGRAM = """
strategy Trend {
  trade BTCUSDT @ 1h
  execution { commission: 0.1%; cash_buffer: 2% }
  rule up: ema(close, 3) crosses above ema(close, 8) => buy 50%
  rule down: ema(close, 3) < ema(close, 8) => sell
}
"""
BARS = 300


def artefact() -> bytes:
    compiled = lingua.compile(PROGRAM)
    assert compiled.ok, compiled.problems
    return to_json(compiled).encode()


def prices(file: Path) -> None:
    """A saw: up for twenty bars, down for twenty."""
    lines, price = ["timestamp,open,high,low,close,volume"], 100.0
    for bar in range(BARS):
        last, price = price, price * (1.01 if bar // 20 % 2 == 0 else 0.99)
        day, hour = divmod(bar, 24)
        stamp = f"2024-{1 + day // 28:02}-{1 + day % 28:02}T{hour:02}:00:00Z"
        lines.append(f"{stamp},{last:.2f},{max(last, price):.2f},{min(last, price):.2f},{price:.2f},1000")
    file.write_text("\n".join(lines) + "\n")


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    folder = tmp_path_factory.mktemp("node")
    prices(folder / "BTCUSDT_1h.csv")
    table = {"accounts": {"demo": {"venue": "replay", "data": ".", "start": "2024-01-02", "speed": 0.0}}}
    node = Node(config_of(table, folder / "node.toml"))
    served = Serving(folder, node, before=node.start)
    yield served
    served.run(node.end())
    served.close()


@pytest.fixture(scope="module")
def client(serving: Serving) -> Iterator[Client]:
    with connect(serving.url, folder=serving.folder) as made:
        yield made


def test_a_strategy_is_deployed_and_trades_on_paper(client: Client) -> None:
    made = client.deploy(artefact(), {"id": "trend", "mode": "paper"})
    assert (made.id, made.mode, made.strategy) == ("trend", Mode.PAPER, "Trend")
    until = time.monotonic() + 60
    while client.deployment("trend").standing is not Standing.STOPPED and time.monotonic() < until:
        time.sleep(0.1)
    found = client.deployment("trend")
    assert found.why == "the recorded bars have ended"
    assert found.bars > 200
    assert found.trades >= 4
    assert len(client.fills("trend")) >= 2 * found.trades - 1
    assert client.equity("trend")[-1].equity == pytest.approx(found.equity)
    assert client.performance("trend")["trades"] == found.trades
    assert client.orders("trend")
    assert client.health().is_alive


def test_what_it_took_is_measured(serving: Serving, client: Client) -> None:
    text = serving.service.metrics.text(serving.node).decode()
    found = dict(line.rsplit(" ", 1) for line in text.splitlines() if line.startswith("lingua_decision_seconds"))
    assert float(found["lingua_decision_seconds_count"]) == BARS - 24  # the first day is history
    assert 0 < float(found["lingua_decision_seconds_sum"]) < 60
    assert float(found['lingua_decision_seconds_bucket{le="+Inf"}']) == float(found["lingua_decision_seconds_count"])


def test_an_order_is_measured_from_its_decision_to_the_wire_and_back(tmp_path: Path) -> None:
    from fair import Fair, walk

    metrics = Metrics()

    async def run() -> int:
        world = Fair({"BTCUSDT": walk(1, 200)}, tmp_path, None, 1)
        await world.run(60)
        await world.start()
        await world.deploy(to_json(lingua.compile(PROGRAM.replace("1h", "1m"))), "trend")
        await world.run(100)
        await world.end()
        return len(world.exchange.trades)

    deaf = timing.listen(metrics.took)
    try:
        trades = asyncio.run(run())
    finally:
        deaf()
    counts = {name: int(each._sum.get() > 0) for name, each in metrics._timings.items()}
    assert trades > 0
    assert counts == {"decision": 1, "risk": 1, "order": 1, "answer": 1, "journal": 1}


def test_the_log_is_paged_without_a_hole(client: Client) -> None:
    whole = client.log("trend", after_seq=0, most=1_000)
    assert len(whole) > 10
    assert client.log("trend", after_seq=-1, most=5) == whole[-5:]
    pages, last = [], 0
    while page := client.log("trend", after_seq=last, most=7):
        pages += page
        last = page[-1].seq
    # A page ends inside a number only where one number has several lines; this log has none such.
    assert pages == whole


def test_the_stream_gives_what_the_log_has(serving: Serving, client: Client) -> None:
    whole = client.log(after_seq=0, most=1_000)
    url = f"ws://127.0.0.1:{serving.port}/v1/events?after_seq=0"
    with listen(url, additional_headers={"Authorization": f"Bearer {serving.key}"}) as socket:
        assert json.loads(socket.recv(timeout=10))["kind"] == "hello"
        seen = [json.loads(socket.recv(timeout=10)) for _ in whole]
        client.disarm("trend")
        assert json.loads(socket.recv(timeout=10))["seq"] > whole[-1].seq
    assert [(each["seq"], each["text"]) for each in seen] == [(each.seq, each.text) for each in whole]


@pytest.mark.parametrize(
    "raw",
    [b"", b"{}", b"null", b'{"format": "lgx"}', b"\x80\x04\x95pickle", b"[" * 10_000, "strategy".encode("utf-16")],
)
def test_what_is_no_artefact_is_refused_in_words(client: Client, raw: bytes) -> None:
    with pytest.raises(ControlError) as problem:
        client.deploy(raw, {"id": "none"})
    assert problem.value.code != "internal", problem.value.why
    assert problem.value.why


def test_a_name_is_taken_once(client: Client) -> None:
    with pytest.raises(ControlError) as problem:
        client.deploy(artefact(), {"id": "../x"})
    assert problem.value.code == "invalid"
    with pytest.raises(ControlError) as problem:
        client.deploy(artefact(), {"id": "live", "mode": "live"})
    assert "only advisory and paper" in problem.value.why


def test_killing_is_latched_and_written_down(client: Client) -> None:
    client.kill()
    assert client.deployment("trend").risk is RiskState.HALTED
    client.rearm(deployment="trend")
    assert client.deployment("trend").risk is RiskState.ACTIVE
    last = client.audit(most=4)
    assert {each["who"] for each in last} == {CONSOLE}
    assert [each["action"] for each in last] == ["rearm", "rearm", "kill", "kill"]


anything = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    route=st.sampled_from([route for route in ROUTES if not route.is_open and route.name not in ("kill", "sign_out")]),
    target=st.sampled_from(["trend", "nothing", "trend:0", "trend-v2"]),
    body=st.fixed_dictionaries(
        {},
        optional={
            "artefact": st.sampled_from([base64.b64encode(b"{}").decode(), base64.b64encode(artefact()).decode(), "?"]),
            "id": st.sampled_from(["trend", "other", "x" * 90]),
            "mode": st.sampled_from(["paper", "live", "advisory", "semi", "none"]),
            "symbols": st.lists(st.sampled_from(["BTCUSDT", "NONE", "a/b"]), max_size=2),
            "timeframe": st.sampled_from(["1h", "5m", "0m", "99999mo"]),
            "capital": st.sampled_from([1e-300, 1.0, 1e300]) | anything,
            "set": st.dictionaries(st.text(max_size=5), anything, max_size=2),
            "commission": st.sampled_from([0.0, 0.5, 2.0]),
            "how": st.sampled_from(["flatten", "hand-over"]),
            "phrase": st.sampled_from(["arm trend", "x"]),
            "symbol": st.sampled_from(["BTCUSDT", "NONE"]),
            "dry_run": st.booleans(),
            "replace": st.booleans(),
            "confirm": st.booleans(),
        },
    ),
    is_narrow=st.booleans(),
)
def test_whatever_is_asked_of_a_node_it_answers(
    serving: Serving, route: Any, target: str, body: dict[str, Any], is_narrow: bool
) -> None:
    fields = {
        "deploy": (
            "artefact", "id", "mode", "symbols", "timeframe", "capital", "set", "commission", "dry_run", "replace",
            "confirm",
        ),
        "set_mode": ("mode",), "arm": ("phrase",), "stop": ("how",), "adopt": ("symbol",),
    }  # fmt: skip
    if is_narrow:
        body = {name: value for name, value in body.items() if name in fields.get(route.name, ())}
    path = route.path
    for part in ("deployment", "approval", "user", "key"):
        path = path.replace(f"{{{part}}}", target)
    connection = http.client.HTTPConnection("127.0.0.1", serving.port, timeout=30)
    headers = {"Authorization": f"Bearer {serving.key}", "Content-Type": "application/json"}
    text = None if route.method == "GET" else json.dumps(body)
    connection.request(route.method, path, text, headers)
    answer = connection.getresponse()
    raw = answer.read()
    connection.close()
    assert answer.status < 500, (route.name, body, raw)
    if answer.status >= 400:
        assert set(json.loads(raw)) == {"code", "why", "mend"}


def test_the_node_is_well_after_all_that(client: Client) -> None:
    assert client.health().is_alive
    assert client.deployment("trend").id.startswith("trend")
