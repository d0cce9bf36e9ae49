"""The `[api]` table of a node's settings."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


class SettingsError(Exception):
    """What is wrong with the table, in words."""


@dataclass(frozen=True, slots=True)
class ApiSettings:
    host: str = "127.0.0.1"
    port: int = 8750
    hosts: tuple[str, ...] = ()
    """Names under which it is reached besides this machine's own: a request for another name is refused, so that a
    page elsewhere cannot point a name of its own at it."""
    origins: tuple[str, ...] = ()
    """Pages of other origins that may ask, such as `https://desk.example`."""
    session_s: int = 900
    session_most_s: int = 12 * 3600
    """A session is renewed while it is used, until this long after signing in."""
    rate: float = 20.0
    """Tokens a second for each caller; `burst` may be saved up."""
    burst: float = 200.0
    body_most: int = 64 * 1024
    """Bytes; of an artefact, `artefact_most`."""
    artefact_most: int = 16 * 1024 * 1024
    slow_s: float = 15.0
    """A request that has not arrived whole in this time is dropped."""
    connections: int = 200
    streams: int = 50
    open_metrics: bool = False
    """Whether /metrics is answered without signing in."""
    certificate: Path | None = None
    certificate_key: Path | None = None
    behind_proxy: bool = False
    """A proxy on this machine ends TLS and says who asks in X-Forwarded-For."""

    @property
    def is_secure(self) -> bool:
        return self.certificate is not None or self.behind_proxy


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid")

    host: str = Field("127.0.0.1", min_length=1, max_length=255)
    port: int = Field(8750, ge=0, le=65535)
    hosts: list[str] = Field([], max_length=50)
    origins: list[str] = Field([], max_length=50)
    session_s: int = Field(900, ge=60, le=3600)
    session_most_s: int = Field(12 * 3600, ge=60, le=7 * 86400)
    rate: float = Field(20.0, gt=0, le=10_000)
    burst: float = Field(200.0, ge=20, le=100_000)
    body_most: int = Field(64 * 1024, ge=1024, le=1 << 24)
    artefact_most: int = Field(16 << 20, ge=1024, le=1 << 28)
    slow_s: float = Field(15.0, ge=1, le=600)
    connections: int = Field(200, ge=1, le=100_000)
    streams: int = Field(50, ge=1, le=10_000)
    open_metrics: bool = False
    certificate: Path | None = None
    certificate_key: Path | None = None
    behind_proxy: bool = False


def read(table: Mapping[str, Any]) -> ApiSettings:
    """Raises SettingsError."""
    try:
        found = _Table.model_validate(dict(table))
    except ValidationError as problem:
        first = problem.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise SettingsError(f"[api] {where}: {first['msg'].lower()}") from None
    settings = ApiSettings(**{**found.model_dump(), "hosts": tuple(found.hosts), "origins": tuple(found.origins)})
    if not is_loopback(settings.host) and not settings.is_secure:
        raise SettingsError(
            f"[api] host: {settings.host} can be reached from other machines, and passwords would cross the network in "
            "the clear; set `certificate` and `certificate_key`, or `behind_proxy = true` where a proxy ends TLS"
        )
    if (settings.certificate is None) != (settings.certificate_key is None):
        raise SettingsError("[api] certificate: `certificate` and `certificate_key` go together")
    for origin in settings.origins:
        if "*" in origin or not origin.startswith(("http://", "https://")) or origin.count("/") != 2:
            raise SettingsError(f"[api] origins: `{origin}` is no origin; write it as `https://desk.example`")
    return settings


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
