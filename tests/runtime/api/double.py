"""A small node in memory: it keeps what it is told and says it again. Everything the interface needs, and no more."""

from __future__ import annotations

import asyncio
import dataclasses
import math
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

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
    RiskState,
    Standing,
    StopHow,
)

NS = 1_000_000_000
HELD = 100
"""Events that a reader may be behind."""


class Double:
    def __init__(self) -> None:
        self.all: dict[str, DeploymentView] = {}
        self.waiting: dict[str, ApprovalView] = {}
        self.done: list[tuple[Any, ...]] = []
        self.past: list[Event] = []
        self.readers: set[asyncio.Queue[Event]] = set()
        self.secret = ""
        """Put where a careless venue would put it."""
        self.fault: BaseException | None = None
        self.began = time.monotonic()
        self.order_list: list[OrderView] = []
        self.fill_list: list[FillView] = []
        self.position_list: list[PositionView] = []
        self.curve: list[EquityPoint] = []

    # --- for tests ---

    def say(self, kind: str, text: str, deployment: str = "", level: str = "note", **data: Any) -> Event:
        event = Event(len(self.past) + 1, time.time_ns(), deployment, kind, level, text, data)
        self.past.append(event)
        for reader in self.readers:
            if reader.qsize() >= HELD:
                while not reader.empty():
                    reader.get_nowait()
                reader.put_nowait(Event(event.seq, event.ts, "", "lost", "warning", "too slow", {"to": event.seq - 1}))
            reader.put_nowait(event)
        return event

    def put(self, name: str, mode: Mode = Mode.PAPER, **changes: Any) -> DeploymentView:
        view = DeploymentView(
            id=name, strategy=changes.pop("strategy", "ema_cloud"), fingerprint="f" * 64, mode=mode,
            standing=Standing.RUNNING, risk=RiskState.ACTIVE, account="main", symbols=("BTCUSDT",), timeframe="1h",
            is_armed=False, started_ts=time.time_ns(), last_bar_ts=time.time_ns(), bars=10, equity=10_000.0,
            cash=5_000.0, pnl_day=12.5, drawdown=0.01, trades=3,
        )  # fmt: skip
        self.all[name] = dataclasses.replace(view, **changes)
        return self.all[name]

    def ask(self, identity: str, deployment: str) -> ApprovalView:
        now = time.time_ns()
        view = ApprovalView(identity, deployment, "BTCUSDT", 1, 0.25, 12_500.0, "market", "enter", now, now + 60 * NS)
        self.waiting[identity] = view
        return view

    def _one(self, deployment: str) -> DeploymentView:
        if self.fault is not None:
            raise self.fault
        if deployment not in self.all:
            raise ControlError(
                "no_such_deployment", f"there is no deployment `{deployment}`", "`lingua status` lists them"
            )
        return self.all[deployment]

    def _change(self, action: str, deployment: str, by: str, **changes: Any) -> DeploymentView:
        view = self._one(deployment)
        self.done.append((action, deployment, by))
        self.all[deployment] = dataclasses.replace(view, **changes)
        self.say("standing", f"{action} by {by}", deployment)
        return self.all[deployment]

    # --- seeing ---

    def health(self) -> HealthView:
        if self.fault is not None:
            raise self.fault
        feeds = {"sim": {"age_s": 0.2, "lag_s": 0.1, "gaps": 0.0, "repaired": 0.0, "score": 100.0}}
        return HealthView(True, True, (), time.monotonic() - self.began, 0.001, feeds, {"main": True})

    def deployments(self) -> Sequence[DeploymentView]:
        return list(self.all.values())

    def deployment(self, deployment: str) -> DeploymentView:
        return self._one(deployment)

    def orders(self, deployment: str = "", *, is_open: bool = False, most: int = 500) -> Sequence[OrderView]:
        closed = {"filled", "canceled", "rejected", "denied", "expired"}
        found = [each for each in self.order_list if deployment in ("", each.deployment)]
        return [each for each in found if not is_open or each.state not in closed][-most:]

    def positions(self, deployment: str = "") -> Sequence[PositionView]:
        if self.position_list:
            return [each for each in self.position_list if deployment in ("", each.deployment)]
        return [PositionView(each, "BTCUSDT", 0.1, 50_000.0, math.nan, 10.0, 0.1, 0) for each in self.all]

    def fills(self, deployment: str = "", *, since_ts: int = 0, most: int = 500) -> Sequence[FillView]:
        return [each for each in self.fill_list if deployment in ("", each.deployment) and each.ts >= since_ts][-most:]

    def approvals(self, deployment: str = "") -> Sequence[ApprovalView]:
        return [each for each in self.waiting.values() if deployment in ("", each.deployment)]

    def equity(self, deployment: str, *, most: int = 2_000) -> Sequence[EquityPoint]:
        self._one(deployment)
        return (self.curve or [EquityPoint(NS * minute, 10_000.0 + minute, 0.0) for minute in range(100)])[-most:]

    def performance(self, deployment: str) -> Mapping[str, Any]:
        self._one(deployment)
        return {"net_profit": 12.5, "sharpe": math.nan}

    def log(self, deployment: str = "", *, after_seq: int = 0, most: int = 500) -> Sequence[Event]:
        found = [event for event in self.past if deployment in ("", event.deployment)]
        return found[-most:] if after_seq < 0 else [event for event in found if event.seq > after_seq][:most]

    def risk(self) -> Mapping[str, Any]:
        return {"main": {"limit": 100.0, "used": math.nan, "why": self.secret}}

    async def events(self) -> AsyncIterator[Event]:
        reader: asyncio.Queue[Event] = asyncio.Queue()
        self.readers.add(reader)
        try:
            while True:
                yield await reader.get()
        finally:
            self.readers.discard(reader)

    # --- doing ---

    async def deploy(self, artefact: bytes, options: Mapping[str, Any], *, by: str) -> DeploymentView:
        name = options.get("id") or "made"
        if name in self.all and not options["replace"]:
            raise ControlError("exists", f"there is a deployment `{name}`", "choose another name, or replace it")
        if not artefact.startswith(b"{"):
            raise ControlError("bad_artefact", f"this is no artefact {self.secret}", "`lingua build` makes one")
        self.done.append(("deploy", name, by))
        view = self.put(name, Mode(options["mode"]))
        self.say("standing", f"deployed by {by}", name)
        return view

    async def roll_back(self, deployment: str, *, by: str) -> DeploymentView:
        return self._change("roll_back", deployment, by)

    async def arm(self, deployment: str, phrase: str, *, by: str) -> DeploymentView:
        return self._change("arm", deployment, by, is_armed=True)

    async def disarm(self, deployment: str, *, by: str) -> DeploymentView:
        return self._change("disarm", deployment, by, is_armed=False)

    async def set_mode(self, deployment: str, mode: Mode, *, by: str) -> DeploymentView:
        return self._change("set_mode", deployment, by, mode=mode)

    async def pause(self, deployment: str, *, by: str) -> DeploymentView:
        return self._change("pause", deployment, by, standing=Standing.PAUSED)

    async def resume(self, deployment: str, *, by: str) -> DeploymentView:
        return self._change("resume", deployment, by, standing=Standing.RUNNING)

    async def stop(self, deployment: str, how: StopHow, *, by: str) -> DeploymentView:
        return self._change(f"stop {how}", deployment, by, standing=Standing.STOPPED)

    async def kill(self, *, deployment: str = "", account: str = "", by: str) -> Mapping[str, Any]:
        self.done.append(("kill", deployment or account, by))
        for name in [deployment] if deployment else list(self.all):
            self._change("kill", name, by, risk=RiskState.HALTED, standing=Standing.STOPPED, why=f"killed by {by}")
        return {"latched": sorted(self.all)}

    async def rearm(self, *, deployment: str = "", account: str = "", by: str) -> Mapping[str, Any]:
        self.done.append(("rearm", deployment or account, by))
        for name in [deployment] if deployment else list(self.all):
            self._change("rearm", name, by, risk=RiskState.ACTIVE)
        return {"latched": []}

    async def approve(self, approval: str, *, by: str) -> None:
        if self.waiting.pop(approval, None) is None:
            raise ControlError("no_such_approval", f"nothing waits as `{approval}`", "it may have expired")
        self.done.append(("approve", approval, by))
        self.say("approval", f"approved by {by}")

    async def reject(self, approval: str, *, by: str) -> None:
        if self.waiting.pop(approval, None) is None:
            raise ControlError("no_such_approval", f"nothing waits as `{approval}`", "it may have expired")
        self.done.append(("reject", approval, by))
        self.say("approval", f"rejected by {by}")

    async def adopt(self, deployment: str, symbol: str, *, by: str) -> DeploymentView:
        return self._change("adopt", deployment, by)
