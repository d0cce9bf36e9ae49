"""What `lingua sim` does: read the options, serve, and say what happens."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from lingua_adapters.simulator.binance.faults import FaultError, read_faults
from lingua_adapters.simulator.binance.server import Server
from lingua_adapters.simulator.binance.simulation import (
    KEY,
    ME,
    SECRET,
    OwnerError,
    Terms,
    parse_balances,
    parse_owner,
    simulation,
)

TOLD_EVERY_S = 30.0


class CannotServe(Exception):
    def __init__(self, why: str, mend: str = "") -> None:
        super().__init__(why)
        self.mend = mend


def serve(options: Mapping[str, Any]) -> int:
    """Until it is interrupted. Raises CannotServe, DataError, OSError."""
    server = made(options)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(server, options))
    return 0


def made(options: Mapping[str, Any]) -> Server:
    speed = float(options["speed"])
    terms = Terms(
        speed=speed, history=options["history"], path=options["path"],
        begins_now=(options["at"] or ("now" if speed == 1.0 else "recorded")) == "now", maker=Decimal(options["maker"]),
        taker=Decimal(options["taker"]), spread=Decimal(options["spread"]), share=Decimal(options["share"]),
        fee_asset=options["fee_asset"].upper(), fills_on_touch=options["touch"], seed=options["seed"],
    )  # fmt: skip
    if terms.share <= 0:
        raise CannotServe("--share is more than 0")
    try:
        owners = [replace(ME, balances=parse_balances(options["balance"])), *map(parse_owner, options["account"])]
        faults = read_faults(Path(options["faults"])) if options["faults"] else []
    except OwnerError as problem:
        raise CannotServe(f"an account cannot be used: {problem}") from None
    except FaultError as problem:
        raise CannotServe(str(problem), "docs/howto/simulator.md lists what can go wrong") from None
    names = [owner.account.name for owner in owners] + [owner.account.key for owner in owners]
    if len(set(names)) < len(names):
        raise CannotServe("two accounts have one name or one key")
    return simulation(
        options["data"], terms, symbols=options["symbol"], timeframe=options["timeframe"], owners=owners,
        faults=faults, log=lambda text: None if options["quiet"] else say(text),
    )  # fmt: skip


def say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {text}", flush=True)


async def _serve(server: Server, options: Mapping[str, Any]) -> None:
    await server.start(options["host"], options["port"])
    print("\n".join(greeting(server, options)), flush=True)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in ("SIGINT", "SIGTERM"):
        if hasattr(signal, name) and sys.platform != "win32":
            loop.add_signal_handler(getattr(signal, name), stopped.set)
    began = told = time.monotonic()
    was_over = False
    try:
        while not stopped.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopped.wait(), 0.1)
            if options["seconds"] is not None and time.monotonic() - began > options["seconds"]:
                break
            if server.desk.stage.is_over and not was_over:
                was_over = True
                if options["once"]:
                    await asyncio.sleep(0.5)
                    break
                print("the recording is over: prices stay where they are, orders are still taken", flush=True)
            if not options["quiet"] and not was_over and time.monotonic() - told > TOLD_EVERY_S:
                told = time.monotonic()
                say(f"the market is at {instant(server.desk.stage.now())}")
    finally:
        exchange = server.desk.exchange
        await server.stop()
        print(f"{len(exchange.orders):,} orders, {len(exchange.trades):,} fills", flush=True)
        for name in exchange.accounts:
            held = exchange.accounts[name]
            amounts = [(a, held.free.get(a, Decimal(0)) + held.locked.get(a, Decimal(0))) for a in held.assets()]
            print(f"{name}: " + ", ".join(f"{amount:f} {asset}" for asset, amount in amounts), flush=True)


def instant(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def greeting(server: Server, options: Mapping[str, Any]) -> list[str]:
    stage = server.desk.stage
    socket = server.url.replace("http", "ws", 1)
    lines = [
        f"A simulated Binance at {server.url} (nothing leaves this machine; the money is play money)",
        f"  REST            {server.url}/api/v3",
        f"  market streams  {socket}/ws",
        f"  WebSocket API   {socket}/ws-api/v3",
        f"  account me      key {KEY}, secret {SECRET}",
        "",
    ]
    for symbol, each in stage.recordings.items():
        left = len(each.bars) - stage.position[symbol]
        lines.append(
            f"  {symbol:<12} {stage.position[symbol]:,} bars of {each.bars.timeframe} known, {left:,} to come; "
            f"tick {each.market.tick:f}, lot {each.market.lot:f}"
        )
        lines += [f"  note: {note}" for note in each.notes]
    speed = (
        "stands still: POST /sim/advance moves it" if stage.speed <= 0 else f"runs at {stage.speed:g} times its pace"
    )
    lines.append(f"  the market is at {instant(stage.now())} and {speed}")
    if options["faults"]:
        lines.append(f"  {len(server.desk.faults.script)} faults from {options['faults']}")
    return [*lines, "", "Ctrl-C ends it."] if not options["quiet"] else lines[:5]
