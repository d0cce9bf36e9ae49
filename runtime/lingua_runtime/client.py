"""A node from another process: what the command line uses, and any program may.

`Client` has the names of `Control`, waits for each answer, and gives the same views back. What the node refuses raises
ControlError with the node's own words; a node that cannot be reached too (`unreachable`). Only what changes nothing is
tried again.
"""

from __future__ import annotations

import base64
import dataclasses
import enum
import functools
import http.client
import json
import math
import os
import ssl
import time
import typing
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast
from urllib.parse import quote, urlencode, urlsplit

from lingua_runtime.control import (
    ApprovalView,
    ControlError,
    DeploymentView,
    EquityPoint,
    Event,
    FillView,
    HealthView,
    Mode,
    OrderView,
    PositionView,
    StopHow,
)
from lingua_runtime.observe.redact import REDACTOR

DEFAULT_URL = "http://127.0.0.1:8750"
URL, KEY, KEY_FILE = "LINGUA_NODE", "LINGUA_API_KEY", "LINGUA_API_KEY_FILE"
LARGEST = 64 << 20
TRIES = 3
V = TypeVar("V")


class Client:
    """`key`: an API key. Over plain HTTP it is sent to this machine only, unless `is_insecure`."""

    def __init__(self, url: str, key: str, *, timeout_s: float = 15.0, is_insecure: bool = False) -> None:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        try:
            port = parts.port
        except ValueError:
            port = -1
        if parts.scheme not in ("http", "https") or not parts.hostname or port == -1 or parts.username is not None:
            raise ControlError("bad_address", f"`{REDACTOR.text(url)}` is no node's address", f"such as {DEFAULT_URL}")
        if parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1") and not is_insecure:
            raise ControlError(
                "bad_address", f"the key would cross the network to {parts.hostname} in the clear", "use https://"
            )
        if any(character <= " " or character > "~" for character in key):
            raise ControlError("bad_key", "the key has characters that no key has", "copy it again")
        REDACTOR.add(key)
        self._scheme, self._host, self._port = parts.scheme, parts.hostname, port
        self._prefix, self._key, self._timeout_s = parts.path.rstrip("/"), key, timeout_s
        self._connection: http.client.HTTPConnection | None = None

    @property
    def url(self) -> str:
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"{self._scheme}://{host}{f':{self._port}' if self._port else ''}{self._prefix}"

    # --- seeing ---

    def whoami(self) -> dict[str, Any]:
        return dict(self._get("/v1/session"))

    def health(self) -> HealthView:
        return view(HealthView, self._get("/v1/health"))

    def deployments(self) -> list[DeploymentView]:
        return views(DeploymentView, self._get("/v1/deployments"))

    def deployment(self, deployment: str) -> DeploymentView:
        return view(DeploymentView, self._get(_one(deployment)))

    def orders(self, deployment: str = "", *, is_open: bool = False, most: int = 500) -> list[OrderView]:
        return views(OrderView, self._get("/v1/orders", deployment=deployment, is_open=is_open, most=most))

    def positions(self, deployment: str = "") -> list[PositionView]:
        return views(PositionView, self._get("/v1/positions", deployment=deployment))

    def fills(self, deployment: str = "", *, since_ts: int = 0, most: int = 500) -> list[FillView]:
        return views(FillView, self._get("/v1/fills", deployment=deployment, since_ts=since_ts, most=most))

    def approvals(self, deployment: str = "") -> list[ApprovalView]:
        return views(ApprovalView, self._get("/v1/approvals", deployment=deployment))

    def equity(self, deployment: str, *, most: int = 2_000) -> list[EquityPoint]:
        return views(EquityPoint, self._get(f"{_one(deployment)}/equity", most=most))

    def performance(self, deployment: str) -> dict[str, Any]:
        return dict(self._get(f"{_one(deployment)}/performance"))

    def log(self, deployment: str = "", *, after_seq: int = 0, most: int = 500) -> list[Event]:
        return views(Event, self._get("/v1/log", deployment=deployment, after_seq=after_seq, most=most))

    def risk(self) -> dict[str, Any]:
        return dict(self._get("/v1/risk"))

    def audit(self, *, most: int = 200, is_newest: bool = True) -> list[dict[str, Any]]:
        return list(self._get("/v1/audit", most=most, is_newest=is_newest))

    def follow(self, deployment: str = "", *, after_seq: int = -1, every_s: float = 0.5) -> Iterator[Event]:
        """Events as they happen, for ever; what happened while the node was away comes when it is back."""
        last = after_seq
        while True:
            try:
                page = self.log(deployment, after_seq=last, most=500)
            except ControlError as problem:
                if problem.code not in ("unreachable", "too_many"):
                    raise
                page = []
            for event in page:
                last = max(last, event.seq)
                yield event
            if len(page) < 500:
                time.sleep(every_s)

    # --- doing ---

    def deploy(self, artefact: bytes, options: Mapping[str, Any] | None = None) -> DeploymentView:
        body = {"artefact": base64.b64encode(artefact).decode(), **(options or {})}
        return view(DeploymentView, self._post("/v1/deployments", body))

    def roll_back(self, deployment: str) -> DeploymentView:
        return self._act(deployment, "roll-back")

    def arm(self, deployment: str, phrase: str) -> DeploymentView:
        return self._act(deployment, "arm", {"phrase": phrase})

    def disarm(self, deployment: str) -> DeploymentView:
        return self._act(deployment, "disarm")

    def set_mode(self, deployment: str, mode: Mode) -> DeploymentView:
        return self._act(deployment, "mode", {"mode": str(mode)})

    def pause(self, deployment: str) -> DeploymentView:
        return self._act(deployment, "pause")

    def resume(self, deployment: str) -> DeploymentView:
        return self._act(deployment, "resume")

    def stop(self, deployment: str, how: StopHow) -> DeploymentView:
        return self._act(deployment, "stop", {"how": str(how)})

    def adopt(self, deployment: str, symbol: str) -> DeploymentView:
        return self._act(deployment, "adopt", {"symbol": symbol})

    def kill(self, *, deployment: str = "", account: str = "") -> dict[str, Any]:
        return dict(self._post("/v1/kill", _scope(deployment, account)))

    def rearm(self, *, deployment: str = "", account: str = "") -> dict[str, Any]:
        return dict(self._post("/v1/rearm", _scope(deployment, account)))

    def approve(self, approval: str) -> None:
        self._post(f"/v1/approvals/{quote(approval, safe='')}/approve", None)

    def reject(self, approval: str) -> None:
        self._post(f"/v1/approvals/{quote(approval, safe='')}/reject", None)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- the wire ---

    def _act(self, deployment: str, what: str, body: Any = None) -> DeploymentView:
        return view(DeploymentView, self._post(f"{_one(deployment)}/{what}", body))

    def _get(self, path: str, **query: Any) -> Any:
        asked = {name: str(value).lower() if isinstance(value, bool) else value for name, value in query.items()}
        asked = {name: value for name, value in asked.items() if value != ""}
        path += f"?{urlencode(asked)}" if asked else ""
        for tried in range(1, TRIES + 1):
            try:
                return self._ask("GET", path, None)
            except ControlError as problem:
                if problem.code != "unreachable" or tried == TRIES:
                    raise
                time.sleep(0.1 * tried)
        raise AssertionError("the loop above returns or raises")

    def _post(self, path: str, body: Any) -> Any:
        # On a fresh connection: the node closes one that idled at any moment, and a request that is lost on it could
        # not be told from one that was done.
        self.close()
        return self._ask("POST", path, body)

    def _ask(self, method: str, path: str, body: Any) -> Any:
        headers = {"Authorization": f"Bearer {self._key}", "Accept": "application/json"}
        text = None
        if body is not None:
            text, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        elif method == "POST":
            headers["Content-Length"] = "0"
        try:
            connection = self._open()
            connection.request(method, self._prefix + path, text, headers)
            answer = connection.getresponse()
            raw = answer.read(LARGEST + 1)
        except (OSError, http.client.HTTPException) as problem:
            self.close()
            if isinstance(problem, ssl.SSLError):
                raise ControlError("unreachable", f"{self.url}: no secure connection: {problem.reason}") from None
            what = getattr(problem, "strerror", None) or str(problem) or type(problem).__name__
            mend = "is it running? `lingua node` starts it"
            if method != "GET":
                mend += "; whether this was done is not known, look with `lingua status`"
            raise ControlError("unreachable", f"the node at {self.url} does not answer: {what}", mend) from None
        if answer.will_close or len(raw) > LARGEST:
            self.close()
        return _read(answer.status, raw, self.url)

    def _open(self) -> http.client.HTTPConnection:
        if self._connection is not None and self._connection.sock is None:
            self._connection = None
        if self._connection is None:
            if self._scheme == "https":
                context = ssl.create_default_context()
                self._connection = http.client.HTTPSConnection(
                    self._host, self._port, timeout=self._timeout_s, context=context
                )
            else:
                self._connection = http.client.HTTPConnection(self._host, self._port, timeout=self._timeout_s)
        return self._connection


def connect(url: str = "", *, key: str = "", key_file: str | Path = "", folder: Path | None = None) -> Client:
    """A client by what is given, else by the environment (LINGUA_NODE, LINGUA_API_KEY, LINGUA_API_KEY_FILE), else by
    the console's key in `folder`, a node's own on this machine. Raises ControlError."""
    url = url or os.environ.get(URL, "") or DEFAULT_URL
    key = key or os.environ.get(KEY, "")
    file = Path(key_file or os.environ.get(KEY_FILE, "") or "")
    if not key and file == Path() and folder is not None and (folder / "console.key").exists():
        file = folder / "console.key"
    if not key and file != Path():
        key = _key_of(file)
    if not key:
        raise ControlError(
            "no_key", "there is no key to show to the node", f"set {KEY}, or make one with `lingua user key`"
        )
    return Client(url, key.strip())


def _key_of(file: Path) -> str:
    from lingua_runtime.secrets import SecretsError, private

    try:
        private(file)
        return file.read_text("ascii").strip()
    except SecretsError as problem:
        raise ControlError("no_key", problem.why, problem.mend) from None
    except (OSError, UnicodeDecodeError):
        raise ControlError("no_key", f"{file.name} holds no key") from None


def _read(status: int, raw: bytes, url: str) -> Any:
    try:
        found = json.loads(raw)
    except ValueError:
        raise ControlError("not_a_node", f"what answers at {url} is no node (status {status})") from None
    if 200 <= status < 300:
        return found
    if isinstance(found, dict) and isinstance(found.get("code"), str):
        raise ControlError(found["code"], str(found.get("why", "")), str(found.get("mend", "")))
    raise ControlError("not_a_node", f"what answers at {url} is no node (status {status})")


def _one(deployment: str) -> str:
    return f"/v1/deployments/{quote(deployment, safe='')}"


def _scope(deployment: str, account: str) -> dict[str, Any]:
    if deployment:
        return {"deployment": deployment}
    return {"account": account} if account else {"everything": True}


def views(kind: type[V], rows: Sequence[Any]) -> list[V]:
    return [view(kind, row) for row in rows]


def view(kind: type[V], row: Mapping[str, Any]) -> V:
    """A view from its JSON. What a newer node says besides is left out; what an older one does not say is empty."""
    values = {}
    for name, (hint, default) in _fields(cast(Any, kind)).items():
        if name not in row and default is not dataclasses.MISSING:
            continue
        value = row.get(name)
        values[name] = _value(hint, value)
    return kind(**values)


@functools.cache
def _fields(kind: Any) -> dict[str, tuple[Any, Any]]:
    hints = typing.get_type_hints(kind)
    return {field.name: (hints[field.name], field.default) for field in dataclasses.fields(kind)}


def _value(hint: Any, value: Any) -> Any:
    if hint is float:
        return math.nan if value is None else float(value)
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        try:
            return hint(value)
        except ValueError:
            raise ControlError("not_a_node", f"the node says `{value}`, which this version does not know") from None
    if typing.get_origin(hint) is tuple:
        return tuple(value or ())
    return value
