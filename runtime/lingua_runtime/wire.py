"""Facts and commands as plain data and back: what the journal holds, and what an event stream shows."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

from lingua.live.bars import ClosedBar
from lingua_runtime.commands import Alarm, Cancel, Command, LookUp, Place, Quote, Sweep
from lingua_runtime.ports import FillReport, OrderReport
from lingua_runtime.states import State

NAMES: dict[type, str] = {
    Place: "place", Cancel: "cancel", LookUp: "look_up", Quote: "quote", Sweep: "sweep", Alarm: "alarm",
}  # fmt: skip


def bar_data(bar: ClosedBar) -> list[Any]:
    prices = (bar.open, bar.high, bar.low, bar.close, bar.volume)
    row = [bar.open_ts, bar.ts, *(None if math.isnan(x) else x for x in prices)]
    extra: dict[str, Any] = {}
    if bar.columns:
        extra["columns"] = {name: None if math.isnan(x) else x for name, x in bar.columns.items()}
    if bar.is_synthetic:
        extra["synthetic"] = True
    if bar.factor is not None:
        extra["factor"] = bar.factor
    return [*row, extra] if extra else row


def bar_of(data: list[Any]) -> ClosedBar:
    open_, high, low, close, volume = (math.nan if x is None else float(x) for x in data[2:7])
    extra = data[7] if len(data) > 7 else {}
    columns = {name: math.nan if x is None else float(x) for name, x in extra.get("columns", {}).items()}
    return ClosedBar(
        int(data[0]),
        int(data[1]),
        open_,
        high,
        low,
        close,
        volume,
        columns,
        bool(extra.get("synthetic", False)),
        extra.get("factor"),
    )


def report_data(report: OrderReport) -> dict[str, Any]:
    return {**dataclasses.asdict(report), "state": str(report.state)}


def report_of(data: Mapping[str, Any]) -> OrderReport:
    return OrderReport(**{**data, "state": State(data["state"])})


def fill_data(fill: FillReport) -> dict[str, Any]:
    return dataclasses.asdict(fill)


def fill_of(data: Mapping[str, Any]) -> FillReport:
    return FillReport(**data)


def command_data(command: Command) -> dict[str, Any]:
    return {"command": NAMES[type(command)], **dataclasses.asdict(command)}
