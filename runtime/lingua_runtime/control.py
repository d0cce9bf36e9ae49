"""What can be seen of a node and done to it: the one surface that the HTTP interface, the command line, the dashboard
and tests use. A node implements it; nothing else decides.

Times are UTC nanoseconds, money in the account's currency, quantities in units of the instrument. Every `do` is written
to the audit log by its caller's name (`by`) before it takes effect. What cannot be done raises ControlError, whose text
can be shown.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

CONSOLE = "console"
"""The name (`by`) of whoever holds the key that a node leaves, readable by its owner alone, on its own machine."""


MOST_LATE_ENTRIES = 1_000
"""Bars that an entry may be late at most."""


class ControlError(Exception):
    """`code` is a word that programs can test (`no_such_deployment`), `why` says it to a person, `mend` what to do."""

    def __init__(self, code: str, why: str, mend: str = "") -> None:
        super().__init__(why)
        self.code = code
        self.why = why
        self.mend = mend


class Mode(StrEnum):
    ADVISORY = "advisory"
    """Decides and shows; sends nothing. Performance is that of paper."""
    PAPER = "paper"
    """Fills by the backtest's own step."""
    SEMI = "semi"
    """Increases wait for a person's approval, which expires."""
    LIVE = "live"


class Standing(StrEnum):
    """Of a deployment."""

    STARTING = "starting"
    """Warming up, or reconciling with the venue."""
    RUNNING = "running"
    PAUSED = "paused"
    """Opens nothing; exits and protection go on."""
    STOPPED = "stopped"
    FAILED = "failed"
    """Stopped by a fault that a person must look at; what is held is as protected as the venue can."""


OVER = (Standing.STOPPED, Standing.FAILED)
"""Nothing goes on in these."""


class RiskState(StrEnum):
    ACTIVE = "active"
    REDUCING = "reducing"
    """Only orders that reduce leave."""
    HALTED = "halted"
    """Latched: until somebody re-arms."""


class StopHow(StrEnum):
    FLATTEN = "flatten"
    LEAVE_PROTECTED = "leave-protected"
    HAND_OVER = "hand-over"


@dataclass(frozen=True, slots=True)
class DeploymentView:
    id: str
    strategy: str
    fingerprint: str
    mode: Mode
    standing: Standing
    risk: RiskState
    account: str
    symbols: tuple[str, ...]
    timeframe: str
    is_armed: bool
    """Live only: both confirmations were given."""
    started_ts: int
    last_bar_ts: int
    bars: int
    equity: float
    cash: float
    pnl_day: float
    drawdown: float
    trades: int
    why: str = ""
    """Of a standing or a risk state that is not the usual one."""


@dataclass(frozen=True, slots=True)
class OrderView:
    deployment: str
    client_id: str
    venue_id: str
    symbol: str
    side: int
    kind: str
    state: str
    quantity: float
    filled: float
    limit: float
    stop: float
    rule: str
    is_guard: bool
    created_ts: int
    sent_ts: int
    answered_ts: int
    why: str = ""


@dataclass(frozen=True, slots=True)
class PositionView:
    deployment: str
    symbol: str
    quantity: float
    """Signed."""
    entry: float
    price: float
    pnl: float
    protected: float
    """Quantity behind a stop that the venue holds."""
    opened_ts: int


@dataclass(frozen=True, slots=True)
class FillView:
    deployment: str
    trade_id: str
    client_id: str
    symbol: str
    side: int
    quantity: float
    price: float
    fee: float
    fee_asset: str
    ts: int
    rule: str = ""


@dataclass(frozen=True, slots=True)
class ApprovalView:
    """An order that waits for a person."""

    id: str
    deployment: str
    symbol: str
    side: int
    quantity: float
    notional: float
    kind: str
    rule: str
    created_ts: int
    expires_ts: int


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the log and of the stream: `kind` such as decisions, order, fill, alarm, standing, risk, audit."""

    seq: int
    ts: int
    deployment: str
    kind: str
    level: str
    text: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EquityPoint:
    ts: int
    equity: float
    drawdown: float


@dataclass(frozen=True, slots=True)
class HealthView:
    """`is_ready`: every deployment that should run has reconciled and its feed is not stale."""

    is_alive: bool
    is_ready: bool
    problems: tuple[str, ...]
    uptime_s: float
    loop_lag_s: float
    feeds: Mapping[str, Mapping[str, float]]
    """Per feed: age_s lag_s gaps repaired score."""
    venues: Mapping[str, bool]
    """Per account: whether its venue is reached and its stream stands."""


class Control(Protocol):
    # --- seeing --------------------------------------------------------------------------------------
    def health(self) -> HealthView: ...
    def deployments(self) -> Sequence[DeploymentView]: ...
    def deployment(self, deployment: str) -> DeploymentView: ...
    def orders(self, deployment: str = "", *, is_open: bool = False, most: int = 500) -> Sequence[OrderView]: ...
    def positions(self, deployment: str = "") -> Sequence[PositionView]: ...
    def fills(self, deployment: str = "", *, since_ts: int = 0, most: int = 500) -> Sequence[FillView]: ...
    def approvals(self, deployment: str = "") -> Sequence[ApprovalView]: ...
    def equity(self, deployment: str, *, most: int = 2_000) -> Sequence[EquityPoint]: ...
    def performance(self, deployment: str) -> Mapping[str, Any]:
        """The metrics of a backtest, of what has happened since the deployment began."""
        ...

    def log(self, deployment: str = "", *, after_seq: int = 0, most: int = 500) -> Sequence[Event]:
        """In sequence: the first `most` after `after_seq`, or the last `most` where `after_seq` is negative."""
        ...

    def risk(self) -> Mapping[str, Any]:
        """Limits and how much of each is used, per account and deployment; latches."""
        ...

    def events(self) -> AsyncIterator[Event]:
        """From now on; a reader that is too slow is told so by an event of kind `lost` and goes on at the newest."""
        ...

    # --- doing ---------------------------------------------------------------------------------------
    async def deploy(self, artefact: bytes, options: Mapping[str, Any], *, by: str) -> DeploymentView:
        """`options`: id mode account symbols capital set (parameters) dry_run replace. The artefact is what
        `lingua build` writes. `replace` swaps a running deployment at its next bar boundary."""
        ...

    async def roll_back(self, deployment: str, *, by: str) -> DeploymentView: ...
    async def arm(self, deployment: str, phrase: str, *, by: str) -> DeploymentView:
        """The second confirmation of a live deployment: the phrase `arm DEPLOYMENT` by another person than the one
        who deployed it, or by an administrator at the console (`by` is CONSOLE)."""
        ...

    async def disarm(self, deployment: str, *, by: str) -> DeploymentView: ...
    async def set_mode(self, deployment: str, mode: Mode, *, by: str) -> DeploymentView: ...
    async def pause(self, deployment: str, *, by: str) -> DeploymentView: ...
    async def resume(self, deployment: str, *, by: str) -> DeploymentView: ...
    async def stop(self, deployment: str, how: StopHow, *, by: str) -> DeploymentView: ...
    async def kill(self, *, deployment: str = "", account: str = "", by: str) -> Mapping[str, Any]:
        """Neither named: everything. Latched across restarts; goes on until the venue says flat or dust."""
        ...

    async def rearm(self, *, deployment: str = "", account: str = "", by: str) -> Mapping[str, Any]:
        """Takes a latch away: of a kill, a drawdown, a downgrade."""
        ...

    async def approve(self, approval: str, *, by: str) -> None: ...
    async def reject(self, approval: str, *, by: str) -> None: ...
    async def adopt(self, deployment: str, symbol: str, *, by: str) -> DeploymentView:
        """What is held at the venue and not known here becomes the deployment's."""
        ...
