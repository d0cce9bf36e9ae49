"""A simulated Binance put together: recordings, accounts, fees, faults, and where market time begins."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path

from lingua_adapters.simulator.binance.desk import Desk
from lingua_adapters.simulator.binance.faults import Fault, Faults
from lingua_adapters.simulator.binance.keys import Account, Keys
from lingua_adapters.simulator.binance.limits import Limits
from lingua_adapters.simulator.binance.server import Server
from lingua_adapters.simulator.matching import Exchange
from lingua_adapters.simulator.recording import Recording, read_recordings
from lingua_adapters.simulator.stage import Stage, begun_now

KEY, SECRET = "simulator-key", "simulator-secret"
NOTHING: dict[str, Decimal] = {}


@dataclass(frozen=True, slots=True)
class Owner:
    """An account, its keys and what it begins with."""

    account: Account
    balances: dict[str, Decimal] = field(default_factory=dict)


ME = Owner(Account("me", KEY, SECRET), {"USDT": Decimal(100_000)})


@dataclass(frozen=True, slots=True)
class Terms:
    """How a simulation runs. `spread` and the fees are shares of the price; `begins_now`: the recording is moved so
    that it happens now."""

    speed: float = 1.0
    history: int | None = None
    path: str = "natural"
    begins_now: bool = False
    maker: Decimal = Decimal("0.001")
    taker: Decimal = Decimal("0.001")
    spread: Decimal = Decimal(0)
    share: Decimal = Decimal(1)
    fee_asset: str = ""
    fills_on_touch: bool = False
    weight_limit: int = 6_000
    order_limit: int = 100
    seed: int = 0


def simulation(
    data: str | Path | Sequence[Recording],
    terms: Terms | None = None,
    *,
    symbols: Sequence[str] = (),
    timeframe: str = "",
    owners: Sequence[Owner] = (ME,),
    faults: Sequence[Fault] = (),
    log: Callable[[str], None] = lambda _: None,
) -> Server:
    """A server that has not been started. Raises DataError for data that cannot be played."""
    terms = terms or Terms()
    recordings = read_recordings(data, symbols=symbols, timeframe=timeframe) if isinstance(data, str | Path) else data
    now = int(time.time() * 1000)
    if terms.begins_now:
        recordings, _ = begun_now(recordings, terms.history, now)
    exchange = Exchange(
        [each.market for each in recordings], taker=terms.taker, maker=terms.maker, half_spread=terms.spread / 2,
        share=terms.share, fee_asset=terms.fee_asset, fills_on_touch=terms.fills_on_touch,
    )  # fmt: skip
    for owner in owners:
        for asset, amount in (owner.balances or NOTHING).items():
            exchange.deposit(owner.account.name, asset, amount)
    stage = Stage(recordings, exchange, history=terms.history, speed=terms.speed, path=terms.path)
    stage.start(now if terms.begins_now else stage.begin_ms)
    desk = Desk(
        stage, Keys([owner.account for owner in owners]), faults=Faults(faults, terms.seed),
        limits=Limits(terms.weight_limit, terms.order_limit, lambda: stage.now() / 1000),
    )  # fmt: skip
    return Server(desk, log=log)


class OwnerError(Exception):
    """An account that cannot be read; the text says why."""


def parse_owner(text: str) -> Owner:
    """`NAME:KEY:SECRET:USDT=10000,BTC=1`; a key that ends in `!` only reads. Raises OwnerError."""
    parts = text.split(":")
    if len(parts) != 4 or not all(parts[:3]):
        raise OwnerError("write NAME:KEY:SECRET:USDT=10000,BTC=1")
    name, key, secret, held = parts
    only_reads = key.endswith("!")
    key = key.rstrip("!")
    if not re.fullmatch(r"[A-Za-z0-9_-]{3,128}", key):
        raise OwnerError(f"the key of {name} is made of 3 or more letters, digits, - and _")
    return Owner(Account(name, key, secret, not only_reads), parse_balances(held))


def parse_balances(text: str) -> dict[str, Decimal]:
    """`USDT=10000,BTC=1`. Raises OwnerError."""
    found: dict[str, Decimal] = {}
    for part in filter(None, text.split(",")):
        asset, _, amount = part.partition("=")
        try:
            value = Decimal(amount)
        except InvalidOperation:
            value = Decimal(-1)
        if not asset or not value.is_finite() or value < 0:
            raise OwnerError(f"`{part}` is no balance; write USDT=10000")
        found[asset.upper()] = value
    return found
