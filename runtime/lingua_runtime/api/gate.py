"""What every request passes before anything looks at its body: where it comes from, what it asks for, who asks, how
often, how much. What does not pass is answered here, in the one shape of errors."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import urlsplit

from lingua_runtime.api.audit import REFUSED, Audit
from lingua_runtime.api.errors import ApiError, error_body, error_response
from lingua_runtime.api.limits import Buckets
from lingua_runtime.api.people import People, Person
from lingua_runtime.api.roles import ROUTES, STREAM, Effect, Route
from lingua_runtime.api.settings import LOOPBACK, ApiSettings, is_loopback
from lingua_runtime.api.store import StoreError
from lingua_runtime.observe.logs import logger
from lingua_runtime.observe.metrics import Metrics

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

COOKIE = "lingua_session"
OWN_HEADER = b"x-lingua-request"
"""Sent by the dashboard with what changes something: a form or picture of another page cannot add a header."""
DEEPEST = 20
MOST_TOKENS = 20_000
"""Brackets and texts in a body."""
LONGEST_PATH = 1_000
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = [
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
]
# A text that does not end is one match too: looked for again from each quote in it, it would take for ever.
_JSON = re.compile(rb'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)
_STRANGE_PATH = re.compile(rb"%00|%2f|%5c|\\|//|(?:^|/)\.\.?(?:/|$)|%2e%2e|[\x00-\x20\x7f-\xff]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Caller:
    """`source`: the address; `person`: None on a route that is open and was asked without signing in."""

    source: str
    person: Person | None
    credential: str
    route: Route | None

    @property
    def name(self) -> str:
        return self.person.name if self.person is not None else "-"


class Gate:
    def __init__(self, app: App, *, people: People, audit: Audit, settings: ApiSettings, metrics: Metrics) -> None:
        self._app = app
        self._people, self._audit, self._settings, self._metrics = people, audit, settings, metrics
        self._log = logger("api")
        self.callers = Buckets(settings.rate, settings.burst)
        self.strangers = Buckets(settings.rate / 4, max(10.0, settings.burst / 4))
        self.sign_ins = Buckets(1 / 12, 5)
        self._refusals = Buckets(0.5, 30)
        self._routes = [(re.compile(_pattern(route.path)), route) for route in (*ROUTES, STREAM)]
        names = (*LOOPBACK, settings.host, *settings.hosts)
        self._hosts = {name.lower() for name in names}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 0
        source = self._source(scope)
        route = self._route(scope)
        caller = Caller(source, None, "", route)

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", []), *self._headers(scope)]
            await send(message)

        try:
            caller = await self._admit(scope, caller)
            if scope["type"] == "http" and not (scope["method"] == "GET" and route is not None):
                receive = await self._body(scope, receive, route)
            await self._app(scope, receive, sending)
        except ApiError as problem:
            await self._refuse(scope, receive, sending, problem, scope.get("state", {}).get("caller", caller))
        except Exception as problem:
            # A fault of ours: the log has it whole, the answer only its number.
            self._metrics.error("api")
            self._log.error("request failed", path=scope["path"], who=caller.name, exc_info=problem)
            if status == 0 and scope["type"] == "http":
                await _answer(
                    error_body(500, "internal", "the node failed to answer this; its log says how"),
                    scope,
                    receive,
                    sending,
                )
        finally:
            if scope["type"] == "http":
                seconds = time.perf_counter() - began
                path = route.path if route is not None else "other"
                method = scope["method"] if route is not None else "other"
                self._metrics.answered(path, method, status, seconds)
                if status >= 400 or (route is not None and route.effect is not Effect.SEES):
                    self._log.info(
                        f"{method} {path} {status}", who=caller.name, source=source, ms=round(seconds * 1e3, 2)
                    )

    # --- who and what ---

    async def _admit(self, scope: Scope, caller: Caller) -> Caller:
        raw = scope.get("raw_path") or scope["path"].encode("utf-8", "replace")
        if len(raw) > LONGEST_PATH or len(scope["query_string"]) > 2 * LONGEST_PATH or _STRANGE_PATH.search(raw):
            raise ApiError("bad_request", "the path has something in it that no path here has")
        headers = _headers_once(scope)
        self._check_host(headers)
        origin = headers.get(b"origin", b"").decode("latin-1")
        is_own = origin == "" or self._is_own_origin(origin, headers)
        route = caller.route
        credential, is_cookie = _credential(headers)
        if is_cookie and (
            not is_own or headers.get(b"sec-fetch-site", b"same-origin") not in (b"same-origin", b"none")
        ):
            if scope["type"] == "websocket" or scope["method"] != "GET":
                raise ApiError("foreign_origin", "a page of another origin may not use your session")
            credential = ""
        is_stranger = not is_own and origin not in self._settings.origins
        if is_stranger and route is not None and route.is_open and scope.get("method") != "GET":
            raise ApiError("foreign_origin", "a page of another origin may not sign in here")
        person = None
        if credential and (route is None or not route.is_open):
            person = await self._recognise(credential, caller)
            if person.how == "console" and not (is_loopback(caller.source) and b"x-forwarded-for" not in headers):
                raise ApiError("not_signed_in", "the console's key is of use on the node's own machine alone")
        caller = Caller(caller.source, person, credential, route)
        scope.setdefault("state", {})["caller"] = caller
        self._check_rate(caller)
        if route is None or route.is_open or (route.name == "metrics" and self._settings.open_metrics):
            return caller
        if person is None:
            raise ApiError(
                "not_signed_in", "this needs a key or a session",
                "send a key as a bearer token; the dashboard and `lingua user` make them",
                headers={"www-authenticate": "Bearer"},
            )  # fmt: skip
        if not person.may(route.roles):
            needed = " or ".join(role.value for role in sorted(route.roles))
            raise ApiError("not_allowed", f"`{route.name}` is for {needed}", "ask somebody who has that role")
        if route.effect is not Effect.SEES and person.is_read_only:
            raise ApiError("not_allowed", "this key only reads", "use another key")
        if is_cookie and scope["type"] == "http" and scope["method"] != "GET" and OWN_HEADER not in headers:
            raise ApiError(
                "foreign_origin", "a session's request carries the header X-Lingua-Request", "add it, or use a key"
            )
        return caller

    async def _recognise(self, credential: str, caller: Caller) -> Person:
        known = self._people.remembered(credential)
        if known is not None:
            return known
        # Guessing costs: what is not known at once takes a stranger's token.
        if wait := self.strangers.take(caller.source):
            raise _too_many(wait)
        try:
            return await asyncio.to_thread(self._people.recognise, credential)
        except StoreError as problem:
            raise ApiError("store_unavailable", str(problem)) from None

    def _check_rate(self, caller: Caller) -> None:
        cost = caller.route.cost if caller.route is not None else 1.0
        if caller.person is not None:
            wait = self.callers.take(caller.person.key or caller.person.session or caller.person.name, cost)
        elif caller.route is not None and caller.route.name in ("healthz", "readyz"):
            wait = self.callers.take(caller.source, cost)
        else:
            wait = self.strangers.take(caller.source, cost)
            if not wait and caller.route is not None and caller.route.name in ("sign_in", "set_up"):
                wait = self.sign_ins.take(caller.source)
        if wait:
            raise _too_many(wait)

    def _check_host(self, headers: dict[bytes, bytes]) -> None:
        host = headers.get(b"host", b"").decode("latin-1").lower()
        name = host.rsplit(":", 1)[0] if re.search(r":\d+$", host) else host
        if name not in self._hosts:
            raise ApiError("foreign_host", "this node does not answer to that name", "add it to `hosts` of [api]")

    def _is_own_origin(self, origin: str, headers: dict[bytes, bytes]) -> bool:
        try:
            return urlsplit(origin).netloc.lower() == headers.get(b"host", b"").decode("latin-1").lower()
        except ValueError:
            return False

    def _source(self, scope: Scope) -> str:
        source = str(scope["client"][0]) if scope.get("client") else "unknown"
        if self._settings.behind_proxy and is_loopback(source):
            for name, value in scope["headers"]:
                if name == b"x-forwarded-for":
                    # The last one is the proxy's own word; those before it are the client's.
                    return str(value.decode("latin-1").rsplit(",", 1)[-1].strip()[:45])
        return source

    def _route(self, scope: Scope) -> Route | None:
        method = "WS" if scope["type"] == "websocket" else scope["method"]
        for pattern, route in self._routes:
            if route.method == method and pattern.fullmatch(scope["path"]):
                return route
        return None

    # --- the body ---

    async def _body(self, scope: Scope, receive: Receive, route: Route | None) -> Receive:
        settings = self._settings
        # An artefact is sent in base64, which is a third longer.
        most = settings.artefact_most * 4 // 3 + 4096 if route and route.name == "deploy" else settings.body_most
        headers = _headers_once(scope)
        try:
            announced = int(headers.get(b"content-length", b"0"))
        except ValueError:
            raise ApiError("bad_request", "the length of the body is no number") from None
        if announced > most:
            raise ApiError("too_large", f"a body here has at most {most} bytes")
        parts: list[bytes] = []
        size, is_more = 0, True
        try:
            async with asyncio.timeout(settings.slow_s):
                while is_more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise ApiError("bad_request", "the connection was closed")
                    parts.append(message.get("body", b""))
                    size += len(parts[-1])
                    if size > most:
                        raise ApiError("too_large", f"a body here has at most {most} bytes")
                    is_more = message.get("more_body", False)
        except TimeoutError:
            raise ApiError("too_slow", f"the body did not arrive within {settings.slow_s:g} s") from None
        body = b"".join(parts)
        if body:
            kind = headers.get(b"content-type", b"").split(b";")[0].strip().lower()
            if kind != b"application/json":
                raise ApiError("bad_request", "a body here is JSON", "send `Content-Type: application/json`")
            check_depth(body)
        is_given = False

        async def replay() -> Message:
            nonlocal is_given
            if is_given:
                return await receive()
            is_given = True
            return {"type": "http.request", "body": body, "more_body": False}

        return replay

    # --- answers ---

    def _headers(self, scope: Scope) -> list[tuple[bytes, bytes]]:
        is_asset = scope["path"] == "/" or scope["path"].startswith("/assets/")
        headers = [*HEADERS, (b"cache-control", b"no-cache" if is_asset else b"no-store")]
        if self._settings.is_secure:
            headers.append((b"strict-transport-security", b"max-age=31536000"))
        return headers

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, problem: ApiError, caller: Caller) -> None:
        self._metrics.error(problem.code)
        route = caller.route
        if problem.code in ("not_signed_in", "not_allowed", "foreign_origin") and not self._refusals.take(
            caller.source
        ):
            name, target = (route.name, scope["path"]) if route is not None else ("other", scope["path"])
            try:
                await asyncio.to_thread(
                    self._audit.write, caller.name, name, target, caller.source, REFUSED, {"code": problem.code}
                )
            except StoreError as fault:
                self._log.critical(str(fault))
        response = error_response(problem)
        if scope["type"] == "http":
            await _answer(response, scope, receive, send)
        elif "websocket.http.response" in scope.get("extensions", {}):
            start = {"type": "websocket.http.response.start", "status": response.status_code}
            await send({**start, "headers": [*response.raw_headers, *HEADERS]})
            await send({"type": "websocket.http.response.body", "body": response.body})
        else:
            await send({"type": "websocket.close", "code": 1008, "reason": problem.code})


def check_depth(body: bytes) -> None:
    """Raises ApiError where JSON nests too deep or holds too many parts, before anything parses it."""
    depth = 0
    for count, found in enumerate(_JSON.finditer(body)):
        first = found[0][:1]
        depth += (first in b"[{") - (first in b"]}")
        if depth > DEEPEST:
            raise ApiError("too_deep", f"JSON here nests at most {DEEPEST} deep")
        if count > MOST_TOKENS:
            raise ApiError("too_large", f"JSON here has at most {MOST_TOKENS} parts")


def _headers_once(scope: Scope) -> dict[bytes, bytes]:
    """Raises ApiError where a header that decides something is there twice."""
    found: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        if name in found and name in (
            b"host",
            b"authorization",
            b"origin",
            b"content-length",
            b"content-type",
            b"cookie",
        ):
            raise ApiError("bad_request", f"the header {name.decode('latin-1')} is there twice")
        found[name] = value
    return found


def _credential(headers: dict[bytes, bytes]) -> tuple[str, bool]:
    """The key or token, and whether it came as a cookie. A header goes before a cookie."""
    if given := headers.get(b"authorization"):
        scheme, _, rest = given.decode("latin-1").partition(" ")
        if scheme.lower() != "bearer" or not rest.strip() or len(rest) > 4_096:
            raise ApiError("not_signed_in", "the header Authorization holds no bearer token")
        return rest.strip(), False
    if cookies := headers.get(b"cookie"):
        try:
            morsel = SimpleCookie(cookies.decode("latin-1")).get(COOKIE)
        except CookieError:
            morsel = None
        if morsel is not None and morsel.value:
            return morsel.value, True
    return "", False


def _too_many(wait: float) -> ApiError:
    seconds = max(1, round(wait + 0.5))
    return ApiError("too_many", "that was asked too often", f"wait {seconds} s", headers={"retry-after": str(seconds)})


def _pattern(path: str) -> str:
    return re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))


async def _answer(response: Any, scope: Scope, receive: Receive, send: Send) -> None:
    await response(scope, receive, send)
