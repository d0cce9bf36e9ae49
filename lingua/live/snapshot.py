"""A live strategy as plain data, and back.

A snapshot is written between two instants. It names what it was taken of (format, fingerprint, sources, capital and
costs), and is refused where any of that differs: what would go on then is another run.

    snapshot = take(live)                       # JSON-able
    restore(open_live(compiled, market), snapshot, bars)

`bars` are recorded ones: the series are derived again from the same first bar, so they are those of the unbroken run to
the last bit whatever indicators keep; the account, its orders and exits come from the snapshot.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from lingua.data.market import Market
from lingua.live.bars import Channel
from lingua.trading.snapshots import plain

if TYPE_CHECKING:
    from lingua.live.strategy import LiveStrategy

FORMAT = 1
"""Raised when a snapshot of an older version could not be continued with the same decisions."""


class SnapshotError(ValueError):
    """A snapshot that does not belong to this run; the text says what differs."""


def take(live: LiveStrategy) -> dict[str, Any]:
    """Raises ValueError for a strategy that keeps its history, whose snapshot would grow without bound."""
    if live.keeps_history:
        raise ValueError("a strategy that keeps its history has no snapshot")
    evaluators = live.run.decider.evaluators
    return {
        "format": FORMAT,
        **identity(live),
        "first_ts": live.first_ts,
        "last_ts": live.last_ts,
        "instants": live.instants,
        "late": live.late,
        "channels": [[*channel, live.last_of(channel)] for channel in live.channels],
        "entered": [[number, ts] for number, ts in live.entered.items()],
        "alerts": live.alerts.was_true,
        "starts": list(live.run.decider.starts),
        "settles": list(live.run.decider.settles),
        "lookbacks": [[[p, bars] for p, bars in evaluator.lookbacks().items()] for evaluator in evaluators],
        "account": live.run.snapshot(),
    }


def identity(live: LiveStrategy) -> dict[str, Any]:
    """What must be the same for a run to be continued."""
    options = asdict(live.execution)
    options["is_given"] = sorted(options["is_given"])
    return {
        "strategy": live.program.name,
        "fingerprint": live.compiled.fingerprint,
        "capital": live.capital,
        "execution": _listed(options),
        "sources": [[source.symbol, source.timeframe] for source in live.sources],
    }


def restore(live: LiveStrategy, snapshot: Mapping[str, Any], market: Market) -> None:
    """Let a strategy that has seen no bar stand where the snapshot was taken. `market` holds its bars from the first
    one on; those after the snapshot are not looked at. Raises SnapshotError."""
    from lingua.live.replay import arrivals

    check(live, snapshot)
    seen = {Channel(int(m), str(s), str(t), bool(f)): int(ts) for m, s, t, f, ts in snapshot["channels"]}
    first = None
    for channel, bar in arrivals(live, market):
        if bar.ts > int(snapshot["last_ts"]):
            break
        first = bar.ts if first is None else first
        live.push(channel, bar)
        live.relive(bar.ts - 1)
    live.relive(int(snapshot["last_ts"]))
    if first != snapshot["first_ts"]:
        raise SnapshotError("the bars do not begin where those of the snapshot began")
    for channel in live.channels:
        if live.last_of(channel) != seen.get(channel):
            raise SnapshotError(f"the bars of {channel.symbol} {channel.timeframe} are not those of the snapshot")
    _set(live, snapshot)


def check(live: LiveStrategy, snapshot: Mapping[str, Any]) -> None:
    """Raises SnapshotError when the snapshot is of another format, program, account or set of instruments."""
    if snapshot.get("format") != FORMAT:
        raise SnapshotError(f"it has format {snapshot.get('format')!r}; this version continues format {FORMAT}")
    if live.last_ts >= 0:
        raise SnapshotError("the strategy has seen bars already")
    own = identity(live)
    words = {
        "strategy": "of the strategy {given}, not of {own}",
        "fingerprint": "of another version of the strategy or other parameter values ({given:.12}, not {own:.12})",
        "capital": "of a run that began with {given}, not with {own}",
        "execution": "of a run with other costs or execution options",
        "sources": "of a run over {given}, not over {own}",
    }
    for name, told in words.items():
        if snapshot.get(name) != own[name]:
            raise SnapshotError("it is " + told.format(given=snapshot.get(name), own=own[name]))


def _set(live: LiveStrategy, snapshot: Mapping[str, Any]) -> None:
    run = live.run
    run.forgets = True
    run.restore(snapshot["account"])
    run.decider.starts = [int(bar) for bar in snapshot["starts"]]
    run.decider.settles = [int(bar) for bar in snapshot["settles"]]
    for evaluator, states in zip(run.decider.evaluators, snapshot["lookbacks"], strict=True):
        for instruction, bars in states:
            evaluator.set_lookback(int(instruction), int(bars))
    live.first_ts, live.last_ts = int(snapshot["first_ts"]), int(snapshot["last_ts"])
    live.instants, live.late = int(snapshot["instants"]), int(snapshot["late"])
    live.entered = {int(number): int(ts) for number, ts in snapshot["entered"]}
    live.alerts.was_true = [[bool(flag) for flag in row] for row in snapshot["alerts"]]


def _listed(value: Any) -> Any:
    """Tuples as lists and NaN as None, as JSON gives them back."""
    if isinstance(value, Mapping):
        return {str(name): _listed(item) for name, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [_listed(item) for item in value]
    if isinstance(value, float) and math.isinf(value):
        return repr(value)
    return plain(value)
