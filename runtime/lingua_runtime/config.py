"""What a node is told by its file: where its journal is, which accounts there are, which limits hold over all.

    journal = "node.db"                  # a file, or the URL of a PostgreSQL database
    strategies = "strategies"            # a watched folder (none without)

    [api]
    port = 8700

    [accounts.demo]
    venue = "replay"                     # an adapter
    data = "examples/data"               # what that adapter wants to know

    [accounts.demo.risk]                 # see `lingua_runtime.risk`
    max_exposure = "200%"

Paths are relative to the file. A value `env:NAME` is read from the environment, `secret:NAME` from the encrypted file
of `secrets`; neither is ever shown.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

NAME = re.compile(r"[A-Za-z0-9_-]{1,32}")
PATHS = ("data", "script", "project")
"""Settings of accounts that are paths."""
MODES = ("advisory", "paper", "semi", "live")


class ConfigError(ValueError):
    """The file is wrong: where, what, and what to write."""


@dataclass(frozen=True, slots=True)
class AccountConfig:
    name: str
    venue: str
    settings: Mapping[str, Any] = field(default_factory=dict, repr=False)
    risk: Mapping[str, Any] = field(default_factory=dict)
    modes: tuple[str, ...] = MODES
    """Which of the modes may run on it."""


@dataclass(frozen=True, slots=True)
class NodeConfig:
    """`folder`: where relative paths begin. `api` and `notify` are read by their own parts."""

    folder: Path
    journal: str = field(repr=False, default="")
    strategies: Path | None = None
    strategies_account: str = ""
    strategies_mode: str = "paper"
    kill_file: Path | None = None
    accounts: Mapping[str, AccountConfig] = field(default_factory=dict)
    risk: Mapping[str, Any] = field(default_factory=dict)
    api: Mapping[str, Any] = field(default_factory=dict, repr=False)
    notify: Mapping[str, Any] = field(default_factory=dict, repr=False)
    bar_deadline_s: float = 2.0
    sweep_s: float = 30.0
    stale_s: float = 30.0
    errors_until_advisory: int = 5
    max_clock_skew_s: float = 1.0


KEYS = (
    "journal", "strategies", "strategies_account", "strategies_mode", "kill_file", "accounts", "risk", "api", "notify",
    "secrets", "bar_deadline_s", "sweep_s", "stale_s", "errors_until_advisory", "max_clock_skew_s", "users",
)  # fmt: skip


def read_config(path: Path, secret: Callable[[str], str] | None = None) -> NodeConfig:
    """The node of a file. `secret` reads one of the encrypted file by name. Raises ConfigError."""
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except OSError as problem:
        raise ConfigError(f"{path} cannot be read: {problem.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise ConfigError(f"{path}: {problem}") from None
    return config_of(content, path, secret)


def config_of(content: Mapping[str, Any], path: Path, secret: Callable[[str], str] | None = None) -> NodeConfig:
    """As `read_config`, of what the file holds."""
    for key in content:
        if key not in KEYS:
            raise ConfigError(f"{path}: nothing is called `{key}`; known are {', '.join(KEYS)}")
    folder = path.parent
    accounts = {}
    for name, table in _table(content, "accounts", path).items():
        if not NAME.fullmatch(name):
            raise ConfigError(f"{path}: an account's name has letters, digits, - and _, at most 32: not `{name[:40]}`")
        accounts[name] = _account(name, _table_of(table, f"accounts.{name}", path), path, secret)
    if not accounts:
        raise ConfigError(f'{path}: it has no account; write for example\n[accounts.demo]\nvenue = "replay"')
    mode = str(content.get("strategies_mode", "paper"))
    if mode not in MODES:
        raise ConfigError(f"{path}: strategies_mode is one of {', '.join(MODES)}, not `{mode}`")
    own = str(content.get("strategies_account", next(iter(accounts))))
    if own not in accounts:
        raise ConfigError(f"{path}: strategies_account names `{own}`, which is no account here")
    return NodeConfig(
        folder=folder,
        journal=_journal(str(content.get("journal", "node.db")), folder, secret),
        strategies=folder / str(content["strategies"]) if "strategies" in content else None,
        strategies_account=own,
        strategies_mode=mode,
        kill_file=folder / str(content.get("kill_file", "KILL")),
        accounts=accounts,
        risk=_table(content, "risk", path),
        api=_table(content, "api", path),
        notify=_table(content, "notify", path),
        **{name: _seconds(content, name, path) for name in _NUMBERS if name in content},
    )


_NUMBERS = {
    "bar_deadline_s": float, "sweep_s": float, "stale_s": float, "errors_until_advisory": int,
    "max_clock_skew_s": float,
}  # fmt: skip


def _seconds(content: Mapping[str, Any], name: str, path: Path) -> Any:
    value = content[name]
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value <= 0:
        raise ConfigError(f"{path}: {name} is a number above zero, not {value!r}")
    return _NUMBERS[name](value)


def _account(name: str, table: Mapping[str, Any], path: Path, secret: Callable[[str], str] | None) -> AccountConfig:
    venue = table.get("venue")
    if not isinstance(venue, str):
        raise ConfigError(f'{path}: [accounts.{name}] names no venue; write for example `venue = "replay"`')
    modes = tuple(table.get("modes", MODES))
    for mode in modes:
        if mode not in MODES:
            raise ConfigError(f"{path}: [accounts.{name}] modes are {', '.join(MODES)}, not `{mode}`")
    settings = {}
    for key, value in table.items():
        if key in ("venue", "risk", "modes"):
            continue
        value = resolved(value, f"accounts.{name}.{key}", path, secret)
        if key in PATHS and isinstance(value, str) and "://" not in value:
            value = str(path.parent / value)
        settings[key] = value
    return AccountConfig(name, venue, settings, _table_of(table.get("risk", {}), f"accounts.{name}.risk", path), modes)


def resolved(value: Any, where: str, path: Path, secret: Callable[[str], str] | None) -> Any:
    """A setting with `env:` and `secret:` looked up. Raises ConfigError that names the place, never the value."""
    if not isinstance(value, str):
        return value
    kind, _, name = value.partition(":")
    if kind == "env":
        if name not in os.environ:
            raise ConfigError(f"{path}: {where} is to be read from {name} of the environment, which is not set")
        return os.environ[name]
    if kind == "secret":
        if secret is None:
            raise ConfigError(f"{path}: {where} names a secret, and there is no encrypted file")
        try:
            return secret(name)
        except KeyError:
            raise ConfigError(f"{path}: {where}: the encrypted file holds no secret `{name}`") from None
    return value


def _journal(text: str, folder: Path, secret: Callable[[str], str] | None) -> str:
    text = str(resolved(text, "journal", folder, secret))
    return text if "://" in text else str(folder / text)


def _table(content: Mapping[str, Any], name: str, path: Path) -> dict[str, Any]:
    return dict(_table_of(content.get(name, {}), name, path))


def _table_of(value: Any, name: str, path: Path) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ConfigError(f"{path}: `{name}` is a section of its own: write [{name}]")
    return value
