"""The client says what the node says, over a real socket."""

import math
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from serving import Serving

from lingua_runtime.client import Client, connect, view
from lingua_runtime.control import CONSOLE, ControlError, DeploymentView, Mode, Standing, StopHow


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    served = Serving(tmp_path_factory.mktemp("client"))
    yield served
    served.close()


@pytest.fixture
def node(serving: Serving) -> Iterator[Client]:
    serving.call(serving.node.all.clear)
    serving.node.done.clear()
    with connect(serving.url, folder=serving.folder) as client:
        yield client


def test_what_is_seen_is_what_the_node_shows(serving: Serving, node: Client) -> None:
    serving.call(lambda: serving.node.put("one", Mode.LIVE, equity=12.5))
    double: Any = serving.node
    assert node.whoami()["how"] == "console"
    assert node.deployments() == list(double.deployments())
    assert node.deployment("one") == double.deployment("one")
    assert node.health().feeds == double.health().feeds
    assert math.isnan(node.positions()[0].price)
    assert node.orders(is_open=True) == []
    assert node.fills() == []
    assert node.equity("one", most=5) == double.equity("one", most=5)
    assert node.performance("one")["net_profit"] == 12.5
    assert node.risk()["main"]["limit"] == 100.0
    assert isinstance(node.deployment("one").symbols, tuple)


def test_what_is_done_is_done_by_the_one_whose_key_it_is(serving: Serving, node: Client) -> None:
    made = node.deploy(b"{}", {"id": "one", "mode": "live"})
    assert (made.id, made.mode) == ("one", Mode.LIVE)
    assert node.arm("one", "arm one").is_armed
    assert not node.disarm("one").is_armed
    assert node.pause("one").standing is Standing.PAUSED
    assert node.resume("one").standing is Standing.RUNNING
    assert node.set_mode("one", Mode.PAPER).mode is Mode.PAPER
    assert node.adopt("one", "BTCUSDT").id == "one"
    assert node.roll_back("one").id == "one"
    serving.call(lambda: (serving.node.ask("ap:1", "one"), serving.node.ask("ap:2", "one")))
    assert [each.id for each in node.approvals()] == ["ap:1", "ap:2"]
    node.approve("ap:1")
    node.reject("ap:2")
    assert node.stop("one", StopHow.LEAVE_PROTECTED).standing is Standing.STOPPED
    assert node.kill(deployment="one") == {"latched": ["one"]}
    assert node.kill()["latched"] == ["one"]
    assert node.rearm(deployment="one") == {"latched": []}
    assert {by for *_, by in serving.node.done} == {CONSOLE}
    assert [what for what, *_ in serving.node.done][:5] == ["deploy", "arm", "disarm", "pause", "resume"]
    assert node.audit(most=1)[0]["who"] == CONSOLE


def test_what_the_node_refuses_is_raised_in_its_words(node: Client) -> None:
    with pytest.raises(ControlError) as problem:
        node.deployment("nothing")
    assert problem.value.code == "no_such_deployment"
    assert "`nothing`" in problem.value.why
    assert problem.value.mend
    with pytest.raises(ControlError, match="no path here has"):
        node.deployment("no/../thing?")
    with pytest.raises(ControlError, match="pattern"):
        node.deployment("no thing?")


def test_events_are_followed(serving: Serving, node: Client) -> None:
    serving.call(lambda: serving.node.say("order", "before"))
    last = node.log(after_seq=-1, most=1)[0].seq
    following = node.follow(after_seq=last, every_s=0.01)
    threading.Timer(0.2, lambda: serving.call(lambda: serving.node.say("order", "after", nothing=math.nan))).start()
    event = next(following)
    assert (event.seq, event.text, dict(event.data)) == (last + 1, "after", {"nothing": None})


def test_a_node_that_is_away_is_told_in_words() -> None:
    with pytest.raises(ControlError) as problem, Client("http://127.0.0.1:9", "lk_x") as client:
        client.deployments()
    assert problem.value.code == "unreachable"
    with pytest.raises(ControlError) as problem, Client("http://127.0.0.1:9", "lk_x") as client:
        client.kill()
    assert "whether this was done is not known" in problem.value.mend


@pytest.mark.parametrize("url", ["ftp://x", "http://", "http://a:b@c", "http://x:99999", "http://desk.example"])
def test_addresses_that_are_none_or_would_show_the_key(url: str) -> None:
    with pytest.raises(ControlError) as problem:
        Client(url, "lk_x")
    assert problem.value.code == "bad_address"


def test_a_key_cannot_carry_a_header() -> None:
    with pytest.raises(ControlError, match="no key has"):
        Client("http://localhost", "a\r\nX: y")


def test_what_answers_may_be_something_else() -> None:
    listening = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        for reply in (
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
            b"HTTP/1.1 500 x\r\nContent-Length: 2\r\n\r\n{}",
        ):
            connection, _ = listening.accept()
            connection.recv(4_096)
            connection.sendall(reply)
            connection.close()

    threading.Thread(target=answer, daemon=True).start()
    for _ in range(2):
        with pytest.raises(ControlError, match="is no node"):
            Client(f"http://127.0.0.1:{listening.getsockname()[1]}", "lk_x").deployments()
    listening.close()


def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LINGUA_API_KEY", "LINGUA_API_KEY_FILE", "LINGUA_NODE"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ControlError, match="no key"):
        connect(folder=tmp_path)
    file = tmp_path / "console.key"
    file.write_text("lk_x\n")
    file.chmod(0o644)
    with pytest.raises(ControlError, match="others can read"):
        connect(folder=tmp_path)
    file.chmod(0o600)
    assert connect(folder=tmp_path).url == "http://127.0.0.1:8750"
    monkeypatch.setenv("LINGUA_NODE", "https://desk.example/lingua/")
    assert connect(key="lk_y").url == "https://desk.example/lingua"


def test_a_newer_node_may_say_more(serving: Serving) -> None:
    import dataclasses

    one = serving.node.put("one")
    row = {**dataclasses.asdict(one), "something_new": 1}
    del row["why"]
    assert view(DeploymentView, row) == one
    with pytest.raises(ControlError, match="does not know"):
        view(DeploymentView, {**row, "mode": "telepathy"})
