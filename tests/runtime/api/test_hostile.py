"""What strangers send: each is answered in the one shape of errors, and the node goes on."""

import contextlib
import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import Place, make_place
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from serving import Serving

from lingua_runtime.api.roles import ROUTES
from lingua_runtime.api.settings import ApiSettings

SAFE = {"code", "why", "mend"}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    yield from make_place(tmp_path_factory.mktemp("hostile"))


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    served = Serving(tmp_path_factory.mktemp("served"), slow_s=1.0, connections=50)
    yield served
    served.close()


def is_refusal(answer: Any, *codes: str) -> bool:
    body = answer.json()
    assert set(body) == SAFE, body
    assert answer.headers["content-type"] == "application/json"
    assert "Traceback" not in answer.text
    assert 'File "' not in answer.text
    return not codes or body["code"] in codes


def post(place: Place, path: str, raw: bytes, kind: str = "application/json", who: str = "administrator") -> Any:
    return place.client.post(path, headers={**place.as_(who), "Content-Type": kind}, content=raw)


@pytest.mark.parametrize(
    ("raw", "codes"),
    [
        (b"[" * 5_000, ("too_deep",)),
        (b'{"a":' * 5_000, ("too_deep",)),
        (b"[]," * 21_000, ("too_large",)),
        (b"{" + b'"a":"' + b"x" * 70_000, ("too_large",)),
        (b'{"how": "flatten"', ("bad_json",)),
        (b'{"how": NaN}', ("invalid", "bad_json")),
        (b'{"how": 1e999}', ("invalid",)),
        (b'{"how": ' + b"9" * 5_000 + b"}", ("bad_json", "bad_request", "invalid")),
        (b'{"how": "flatten", "extra": 1}', ("invalid",)),
        (b'{"how": ["flatten"]}', ("invalid",)),
        (b'{"how": null}', ("invalid",)),
        (b"null", ("invalid",)),
        (b"", ("invalid",)),
        (b"\xff\xfe{}", ("bad_json", "bad_request")),
        (b'{"how": "\\ud800"}', ("invalid",)),
        (b'{"how": "flatten\\u0000"}', ("invalid",)),
        (b'"\\' * 10_000, ("bad_json", "bad_request")),
    ],
)
def test_bodies_that_are_none(place: Place, raw: bytes, codes: tuple[str, ...]) -> None:
    place.node.put("one")
    began = time.perf_counter()
    answer = post(place, "/v1/deployments/one/stop", raw)
    assert 400 <= answer.status_code < 500
    assert is_refusal(answer, *codes), answer.text
    assert time.perf_counter() - began < 2
    assert place.node.done == []


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
def test_a_body_that_a_form_could_send_is_refused(place: Place, kind: str) -> None:
    answer = post(place, "/v1/kill", b'{"everything": true}', kind)
    assert is_refusal(answer, "bad_request")
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "/v1/deployments/..%2f..%2fetc", "/v1/deployments/%2e%2e/x", "/v1/deployments/a%00b", "/v1//deployments",
        "/v1/deployments/a%0d%0aSet-Cookie:x", "/v1/deployments/" + "a" * 2_000, "/v1/deployments/a%5cb",
        "/assets/../roles.py", "/assets/%2e%2e/roles.py", "/v1/deployments/%F0%9F%92%A9", "/v1/deployments/a b",
        "/v1/deployments/'; DROP TABLE users; --", "/v1/deployments/{deployment}", "/v1/deployments/",
    ],
)  # fmt: skip
def test_paths_that_are_none(serving: Serving, path: str) -> None:
    head, body = raw_request(
        serving, f"GET {path.replace(' ', '%20')} HTTP/1.1", f"Authorization: Bearer {serving.key}"
    )
    assert head.split()[1] in ("400", "404", "422"), head
    assert set(json.loads(body)) == SAFE
    assert "set-cookie" not in head.lower()


def raw_request(
    serving: Serving, line: str, *headers: str, host: str = "127.0.0.1", body: bytes = b""
) -> tuple[str, str]:
    lines = [line, f"Host: {host}", "Connection: close", *headers, "", ""]
    with socket.create_connection(("127.0.0.1", serving.port), 5) as connection:
        connection.sendall("\r\n".join(lines).encode("latin-1") + body)
        raw = b""
        while chunk := connection.recv(65_536):
            raw += chunk
    head, _, rest = raw.partition(b"\r\n\r\n")
    return head.decode("latin-1"), rest.decode("utf-8", "replace")


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "localhost:80:80", "[::1", "a" * 5_000])
def test_a_name_that_is_not_the_nodes_is_not_answered(serving: Serving, host: str) -> None:
    head, _ = raw_request(serving, "GET /v1/session HTTP/1.1", host=host)
    assert head.split()[1] in ("421", "400")


@pytest.mark.parametrize(
    "headers",
    [
        ("Authorization: Bearer a", "Authorization: Bearer b"),
        ("Content-Length: 5", "Content-Length: 6"),
        ("Content-Length: -1",),
        ("Transfer-Encoding: chunked", "Content-Length: 3"),
        ("X: " + "y" * 70_000,),
        tuple(f"X{number}: y" for number in range(5_000)),
        ("Bad Header",),
        ("Cookie: lingua_session=\x01",),
        ("Authorization: Bearer \xff\xfe",),
        ("Authorization: Bearer " + "a" * 10_000,),
        ("Content-Length: 99999999999999999999",),
    ],
)
def test_heads_that_are_none(serving: Serving, headers: tuple[str, ...]) -> None:
    try:
        head, body = raw_request(serving, "POST /v1/kill HTTP/1.1", *headers, body=b"abc")
    except ConnectionError:
        head, body = "", ""
    assert head == "" or head.split()[1][0] == "4", head
    assert "Traceback" not in body
    assert raw_request(serving, "GET /healthz HTTP/1.1")[0].split()[1] == "200"


def test_whoever_sends_too_slowly_is_dropped(serving: Serving) -> None:
    began = time.monotonic()
    with (
        socket.create_connection(("127.0.0.1", serving.port), 10) as silent,
        socket.create_connection(("127.0.0.1", serving.port), 10) as slow,
    ):
        slow.sendall(
            b"POST /v1/kill HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 50\r\n"
            + f"Authorization: Bearer {serving.key}\r\n\r\n".encode() + b'{"every'
        )  # fmt: skip
        silent.sendall(b"GET /v1/")
        silent.settimeout(8)
        slow.settimeout(8)
        assert silent.recv(1_000) == b""
        answer = slow.recv(4_000)
        while b"}" not in answer:
            answer += slow.recv(4_000)
        assert b"too_slow" in answer
    assert time.monotonic() - began < 8


def test_a_long_body_is_refused_before_it_is_read(serving: Serving) -> None:
    head, body = raw_request(
        serving, "POST /v1/kill HTTP/1.1", f"Authorization: Bearer {serving.key}", "Content-Type: application/json",
        "Content-Length: 100000000",
    )  # fmt: skip
    assert head.split()[1] == "413"
    assert json.loads(body)["code"] == "too_large"


def test_nobody_sends_a_body_without_a_key(serving: Serving) -> None:
    head, _ = raw_request(
        serving, "POST /v1/deployments HTTP/1.1", "Content-Type: application/json", "Content-Length: 9000000"
    )
    assert head.split()[1] == "401"


def test_one_connection_too_many_is_closed_and_the_others_go_on(serving: Serving) -> None:
    ask = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    held = [socket.create_connection(("127.0.0.1", serving.port), 5) for _ in range(50)]
    try:
        for connection in held:
            connection.sendall(ask)
            assert connection.recv(200).split()[1] == b"200"
        with socket.create_connection(("127.0.0.1", serving.port), 5) as late, contextlib.suppress(ConnectionError):
            late.sendall(ask)
            assert late.recv(200) == b""
        held[0].sendall(ask)
        assert b"200" in held[0].recv(2_000) + held[0].recv(2_000)
    finally:
        for connection in held:
            connection.close()
    until = time.monotonic() + 10
    while time.monotonic() < until:
        with contextlib.suppress(ConnectionError, IndexError):
            if raw_request(serving, "GET /healthz HTTP/1.1")[0].split()[1] == "200":
                return
    raise AssertionError("it does not answer any more")


def test_every_answer_says_what_a_browser_may_do_with_it(place: Place) -> None:
    for path, who in (("/", None), ("/healthz", None), ("/v1/session", None), ("/v1/orders", "risk"), ("/none", None)):
        answer = place.client.get(path, headers=place.as_(who) if who else {})
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert "server" not in answer.headers
        if path.startswith("/v1"):
            assert answer.headers["cache-control"] == "no-store"


def test_the_page_asks_nobody_else_for_anything(place: Place) -> None:
    for path in ("/", "/assets/main.js", "/assets/api.js", "/assets/panels.js", "/assets/dashboard.css"):
        text = place.client.get(path).text
        outside = [part for part in text.split('"') if part.startswith(("http://", "https://"))]
        assert set(outside) <= {"https://www.tradingview.com/", "http://www.w3.org/2000/svg"}, outside
    page = place.client.get("/").text
    assert "<style" not in page
    assert "style=" not in page
    assert " onclick" not in page
    tag = place.client.get("/").headers["etag"]
    assert place.client.get("/", headers={"If-None-Match": tag}).status_code == 304


def test_other_origins_are_let_in_by_name_and_without_sessions(tmp_path: Path) -> None:
    for place in make_place(tmp_path, ApiSettings(rate=1e4, burst=1e5, origins=("https://desk.example",))):
        answer = place.client.options(
            "/v1/orders", headers={"Origin": "https://desk.example", "Access-Control-Request-Method": "GET"}
        )
        assert answer.headers["access-control-allow-origin"] == "https://desk.example"
        assert "access-control-allow-credentials" not in answer.headers
        answer = place.client.get("/v1/orders", headers={**place.as_("risk"), "Origin": "https://evil.example"})
        assert "access-control-allow-origin" not in answer.headers
        token = place.client.post("/v1/session", json={"name": "risk", "password": "four plain words here 4"}).json()
        assert token["token"]
        answer = place.client.post(
            "/v1/kill", headers={"Origin": "https://desk.example", "X-Lingua-Request": "1"}, json={"everything": True}
        )
        assert answer.json()["code"] == "foreign_origin"
        assert place.node.done == []


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}, {}],
)
def test_a_page_elsewhere_cannot_act_with_a_session(place: Place, headers: dict[str, str]) -> None:
    place.client.post("/v1/session", json={"name": "risk", "password": "four plain words here 4"})
    own = {} if headers == {} else {"X-Lingua-Request": "1"}
    answer = place.client.post("/v1/kill", headers={**own, **headers}, json={"everything": True})
    place.client.cookies.clear()
    assert answer.json()["code"] == "foreign_origin"
    assert place.node.done == []


def test_nobody_is_signed_in_from_elsewhere(place: Place) -> None:
    answer = place.client.post(
        "/v1/session", headers={"Origin": "https://evil.example"}, json={"name": "risk", "password": "x"}
    )
    assert answer.json()["code"] == "foreign_origin"


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
FIELDS = (
    "artefact", "id", "mode", "account", "symbols", "capital", "set", "dry_run", "replace", "phrase", "how", "symbol",
    "deployment", "everything", "name", "password", "token", "roles", "is_active", "label", "days", "old", "new",
)  # fmt: skip


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    route=st.sampled_from([route for route in ROUTES if route.method != "GET"]),
    name=st.text(alphabet=st.characters(codec="utf-8"), min_size=1, max_size=20),
    body=st.dictionaries(st.sampled_from(FIELDS), anything, max_size=6) | anything,
    query=st.dictionaries(st.sampled_from(("most", "after_seq", "deployment")), st.text(max_size=8), max_size=2),
)
def test_whatever_is_sent_gets_an_answer_and_no_fault(
    place: Place, route: Any, name: str, body: Any, query: dict[str, str]
) -> None:
    from urllib.parse import quote

    path = route.path
    for part in ("deployment", "approval", "user", "key"):
        path = path.replace(f"{{{part}}}", quote(name, safe=""))
    raw = json.dumps(body, ensure_ascii=True).encode()
    answer = place.client.request(
        route.method, path, params=query, content=raw,
        headers={**place.as_("administrator"), "Content-Type": "application/json"},
    )  # fmt: skip
    place.client.cookies.clear()
    assert answer.status_code < 500, (route.name, body, answer.text)
    if answer.status_code >= 400:
        is_refusal(answer)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    route=st.sampled_from([route for route in ROUTES if route.method == "GET"]),
    query=st.dictionaries(
        st.sampled_from(("most", "after_seq", "deployment", "since_ts", "is_open", "who", "is_newest")),
        st.text(max_size=25) | st.integers().map(str),
        max_size=4,
    ),
)
def test_whatever_is_asked_gets_an_answer_and_no_fault(place: Place, route: Any, query: dict[str, str]) -> None:
    answer = place.client.get(
        route.path.replace("{deployment}", "one"), params=query, headers=place.as_("administrator")
    )
    assert answer.status_code < 500, (route.name, query, answer.text)
