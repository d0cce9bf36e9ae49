"""The limits of a node at work: what all deployments hold together, what their orders would add, and what follows when
a limit is reached."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from lingua.live.bars import Channel, ClosedBar
from lingua.live.decisions import Decisions
from lingua_runtime.clock import Clock
from lingua_runtime.config import NodeConfig
from lingua_runtime.control import RiskState, Standing
from lingua_runtime.host import Host
from lingua_runtime.observe.timing import timed
from lingua_runtime.ports import OrderRequest
from lingua_runtime.risk import SECOND, Guardian, Holding, Markets, Wanted, read_limits

ALL = ""
"""The account of the limits over all accounts."""


class Owner(Protocol):
    """The node."""

    hosts: dict[str, Host]
    clock: Clock

    async def limited(self, host: Host, risk: RiskState, why: str) -> None:
        """The limits have changed what a deployment may do."""
        ...

    def _later(self, work: Any) -> None: ...

    def warn(self, text: str, what: str) -> None: ...


class RiskBook:
    """Deployments that a venue fills are counted; paper is limited by its program alone, as its backtest is."""

    def __init__(self, node: Owner, config: NodeConfig) -> None:
        self._node = node
        self.markets = Markets()
        tables = {ALL: config.risk, **{name: each.risk for name, each in config.accounts.items()}}
        self.guardians: dict[str, Guardian] = {}
        for name, table in tables.items():
            where = "risk" if name == ALL else f"accounts.{name}.risk"
            self.guardians[name] = Guardian(read_limits(table, where), name, self.markets, node.clock.now)
        self._members: dict[str, dict[str, float]] = {name: {} for name in self.guardians}
        """Whose equity counts, and how much it was: by account."""
        self._closing: set[str] = set()
        """Deployments that are being told to close, or no longer to."""
        self.is_retold = True
        """What happened is told again: it counts, and nothing follows from it a second time."""

    # --- before an order -----------------------------------------------------------------------------

    def why_not(self, host: Host, request: OrderRequest) -> str:
        """Why an order may not leave. Exits and protection always may."""
        if request.is_reduce:
            return ""
        given = host.given
        assert given is not None
        price = request.limit or request.stop or given.kernel.prices.get(request.symbol, 0.0)
        market = host.deployment.live.run.book.markets[host.deployment.live.names.index(request.symbol)]
        wanted = Wanted(
            host.order.account, request.symbol, request.side, request.quantity, price or float(market.mark),
            float(market.multiplier), request.kind == "market",
        )  # fmt: skip
        for name in (host.order.account, ALL):
            hosts = self._of(name)
            with timed("risk"):
                why = self.guardians[name].why_not(wanted, equity(hosts), holdings(hosts, request.client_id))
            if why:
                return why
        return ""

    # --- at every bar --------------------------------------------------------------------------------

    def take_bar(self, channel: Channel, bar: ClosedBar) -> None:
        if not channel.is_finer:
            self.markets.bar(channel.symbol, bar.ts, bar.close, bar.volume)

    def watch(self, host: Host, decisions: Decisions) -> None:
        """What a deployment's equity does to the limits of its account and of all."""
        if host.given is None:
            return
        for name in (host.order.account, ALL):
            hosts = self._of(name)
            guardian = self.guardians[name]
            guardian.move(self._moved(name, hosts))
            why = guardian.watch(equity(hosts), decisions.ts)
            wanted = RiskState.HALTED if guardian.latched else RiskState.REDUCING if why else RiskState.ACTIVE
            for each in () if self.is_retold else hosts:
                if each.risk is not wanted and not each.is_killed and not self._is_stronger(each, name, wanted):
                    self._node._later(self._node.limited(each, wanted, why))
        if not self.is_retold:
            self._watch_holding(host, decisions.ts)

    def _moved(self, name: str, hosts: Iterable[Host]) -> float:
        """What came in with deployments that are new, less what went with those that have ended."""
        before = self._members[name]
        now = self._members[name] = {host.id: host.track.equity for host in hosts}
        came = sum(money for each, money in now.items() if each not in before)
        return came - sum(money for each, money in before.items() if each not in now)

    def _is_stronger(self, host: Host, name: str, wanted: RiskState) -> bool:
        """Whether what the other limits say of a deployment goes before `wanted`."""
        other = self.guardians[ALL if name != ALL else host.order.account]
        if wanted is RiskState.ACTIVE:
            return bool(other.latched or other.halted) or host.risk is RiskState.HALTED
        return wanted is RiskState.REDUCING and bool(other.latched)

    def _watch_holding(self, host: Host, ts: int) -> None:
        """Close what is held longer than allowed."""
        bounds = [self.guardians[name].limits.max_holding for name in (host.order.account, ALL)]
        most = min((bound for bound in bounds if bound is not None), default=None)
        if most is None:
            return
        live = host.deployment.live
        opened = [live.entered.get(unit.id, ts) for position in live.run.book.positions for unit in position.units]
        is_due = any(ts - each >= most * SECOND for each in opened)
        is_closing = host.deployment.operator.is_flattened
        if host.id not in self._closing and (is_due if not is_closing else not opened):
            self._closing.add(host.id)
            self._node._later(self._close(host, not is_closing))

    async def _close(self, host: Host, is_on: bool) -> None:
        try:
            await host.deployment.operate("flatten", is_on)
            if is_on:
                why = "what it holds has been held as long as the account allows: it is closed"
                self._node.warn(f"{host.id}: {why}", "max_holding")
        finally:
            self._closing.discard(host.id)

    # --- telling -------------------------------------------------------------------------------------

    def rearm(self, accounts: Iterable[str], *, is_all: bool) -> None:
        for name in (*accounts, *((ALL,) if is_all else ())):
            self.guardians[name].rearm()

    def view(self) -> Mapping[str, Any]:
        def used(name: str) -> dict[str, Any]:
            hosts = self._of(name)
            return self.guardians[name].used(equity(hosts), holdings(hosts))

        return {"accounts": {name: used(name) for name in self.guardians if name != ALL}, "node": used(ALL)}

    def _of(self, account: str) -> list[Host]:
        """Those that a venue fills, until they have been stopped and hold nothing."""
        return [
            host
            for host in self._node.hosts.values()
            if host.given is not None
            and account in (ALL, host.order.account)
            and not (host.standing is Standing.STOPPED and host.is_flat)
        ]


def equity(hosts: Iterable[Host]) -> float:
    return sum(host.track.equity for host in hosts)


def holdings(hosts: Iterable[Host], without: str = "") -> list[Holding]:
    """What is held and what is on its way, at the last prices; orders in full, whatever is known of them."""
    out = []
    for host in hosts:
        given = host.given
        assert given is not None
        live = host.deployment.live
        for number, symbol in enumerate(live.names):
            market = live.run.book.markets[number]
            price = (given.kernel.prices.get(symbol) or float(market.mark)) * float(market.multiplier)
            held = sum(unit.quantity * unit.side for unit in given.kernel.held(number))
            if held:
                out.append(Holding(host.order.account, symbol, held * price))
            for record in given.kernel.orders.open(symbol):
                request = record.request
                if record.left and not request.is_reduce and record.client_id != without:
                    worth = record.left * (request.limit or request.stop or price) * request.side
                    out.append(Holding(host.order.account, symbol, worth, is_held=False))
    return out
