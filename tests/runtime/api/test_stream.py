"""The event stream, over real sockets."""

import json
import socket
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from serving import Serving
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from lingua_runtime.api import stream, tail


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    made = Serving(tmp_path_factory.mktemp("stream"))
    yield made
    made.close()


@pytest.fixture
def serving(served: Serving) -> Serving:
    """The same server; nothing has happened at its node yet."""

    def empty() -> None:
        served.node.past.clear()
        served.node.all.clear()
        served.app_tail.newest = 0

    served.call(empty)
    return served


def listen(serving: Serving, query: str = "", key: str = "", **more: Any) -> ClientConnection:
    headers = {"Authorization": f"Bearer {key or serving.key}", **more.pop("headers", {})}
    url = f"ws://127.0.0.1:{serving.port}/v1/events{query}"
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
    raw.connect(("127.0.0.1", serving.port))
    return connect(url, sock=raw, additional_headers=headers, compression=None, **more)


def read(listener: ClientConnection, timeout: float = 10.0) -> Any:
    return json.loads(listener.recv(timeout=timeout))


def read_all(listener: ClientConnection) -> None:
    while True:
        read(listener)


def say(serving: Serving, count: int, start: int = 0, **more: Any) -> None:
    def work() -> None:
        for number in range(start, start + count):
            serving.node.say("order", f"event {number}", "one", **more)

    serving.call(work)


def test_events_arrive_as_they_happen(serving: Serving) -> None:
    say(serving, 3)
    with listen(serving) as listener:
        assert read(listener) == {"kind": "hello", "seq": 3}
        say(serving, 2, 3, value=float("nan"))
        first, second = read(listener), read(listener)
    assert (first["seq"], first["text"], second["text"]) == (4, "event 3", "event 4")
    assert first["data"] == {"value": None}


def test_a_reader_that_was_away_misses_nothing_and_sees_nothing_twice(serving: Serving) -> None:
    say(serving, 1_300)
    seen: list[int] = []
    with listen(serving, "?after_seq=100") as listener:
        assert read(listener)["kind"] == "hello"
        say(serving, 50, 1_300)
        while len(seen) < 1_250:
            seen.append(read(listener)["seq"])
    assert seen == list(range(101, 1_351))


def test_one_deployment_can_be_listened_to(serving: Serving) -> None:
    with listen(serving, "?deployment=two&after_seq=0") as listener:
        read(listener)
        say(serving, 3)
        serving.call(lambda: serving.node.say("order", "of two", "two"))
        assert read(listener)["text"] == "of two"


def test_what_is_very_old_counts_as_lost(serving: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "MOST_BACK", 10)
    say(serving, 30)
    with listen(serving, "?after_seq=5") as listener:
        read(listener)
        assert read(listener) == {"kind": "lost", "from": 6, "to": 20}
        assert read(listener)["seq"] == 21


def test_a_slow_reader_is_told_what_it_lost_and_goes_on_at_the_newest(
    serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail, "WAITING", 50)
    readers = serving.app_tail._readers
    with listen(serving, max_queue=1) as slow:
        read(slow)
        # Until it has lost some, and once more after that: it reads nothing meanwhile, and the buffers fill up.
        for start in range(0, 20_000, 20):
            say(serving, 20, start, filler="x" * 8_000)
            if serving.call(lambda: any(reader.lost for reader in readers)):
                break
        say(serving, 1, start + 20)
        told, newest, last = [], 0, len(serving.node.past)
        while newest < last:
            message = read(slow)
            if message["kind"] == "lost":
                told.append(message)
                assert message["from"] == newest + 1
                newest = message["to"]
            else:
                assert message["seq"] == newest + 1
                newest = message["seq"]
        assert told


def test_a_reader_that_takes_nothing_is_closed(serving: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "STUCK_S", 0.3)
    with listen(serving, max_queue=1, close_timeout=0.2) as listener:
        read(listener)
        for start in range(0, 20_000, 20):
            say(serving, 20, start, filler="x" * 8_000)
            if serving.app_tail.readers == 0:
                return
    raise AssertionError("it is still there")


def test_the_state_of_everything_comes_where_it_has_changed(serving: Serving) -> None:
    serving.call(lambda: serving.node.put("one"))
    with listen(serving, "?snapshot=true") as listener:
        read(listener)
        state = read(listener)
        assert state["kind"] == "snapshot"
        assert [each["id"] for each in state["state"]["deployments"]] == ["one"]
        assert state["state"]["positions"][0]["price"] is None


def test_a_stream_ends_with_its_key(serving: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "CHECK_S", 0.0)
    people = serving.service.people
    people.add_user("bert", ["developer"], "four plain words")
    key, view = people.add_key("bert", "test")
    with listen(serving, key=key) as listener:
        read(listener)
        people.drop_key(view.id)
        with pytest.raises(ConnectionClosed) as closed:
            read_all(listener)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": "Bearer lk_abcdefabcdef_" + "A" * 43}, 401),
        ({"Authorization": "Basic YTpi"}, 401),
        ({"Host": "evil.example"}, 421),
    ],
)
def test_who_may_not_listen_is_told_before_the_stream_opens(
    serving: Serving, headers: dict[str, str], status: int
) -> None:
    with (
        pytest.raises((InvalidStatus, ConnectionClosed)) as refused,
        connect(f"ws://127.0.0.1:{serving.port}/v1/events", additional_headers=headers),
    ):
        pass
    assert isinstance(refused.value, InvalidStatus)
    assert refused.value.response.status_code == status or "Host" in headers


def test_a_session_is_of_no_use_to_a_page_elsewhere(serving: Serving) -> None:
    serving.service.people.add_user("anna", ["developer"], "four plain words")
    token, _ = serving.service.people.sign_in("anna", "four plain words")
    cookie = {"Cookie": f"lingua_session={token}"}
    url = f"ws://127.0.0.1:{serving.port}/v1/events"
    with connect(url, additional_headers=cookie, origin=f"http://127.0.0.1:{serving.port}") as listener:  # type: ignore[arg-type]  # a str is one
        assert read(listener)["kind"] == "hello"
    with (
        pytest.raises(InvalidStatus) as refused,
        connect(url, additional_headers=cookie, origin="https://evil.example"),
    ):  # type: ignore[arg-type]  # as above
        pass
    assert refused.value.response.status_code == 403


def talk(listener: ClientConnection, texts: Iterable[str]) -> None:
    """Say all, then listen to the end: the stream may close before all is said."""
    for text in texts:
        listener.send(text)
    read_all(listener)


def test_a_reader_that_talks_is_closed(serving: Serving) -> None:
    with listen(serving) as listener:
        read(listener)
        with pytest.raises(ConnectionClosed):
            talk(listener, ["hello"] * 200)
    with listen(serving) as listener, pytest.raises(ConnectionClosed):
        talk(listener, ["x" * 100_000])
