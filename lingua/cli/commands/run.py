"""Run a strategy bar by bar, as it runs live, over recorded bars; print what it decides.

Each instant at which something happened is one JSON object on one line (docs/howto/replay.md lists the fields); on a
terminal, sentences instead. Fills are those of the backtest. Stop it with Ctrl-C; with --snapshot it can go on later.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lingua.cli import exits
from lingua.cli.program import add_output_arguments, add_program_arguments, compile_or_fail
from lingua.cli.running import add_account_arguments, add_market_arguments, prepare

if TYPE_CHECKING:
    from lingua.cli.running import Prepared
    from lingua.compiler import Compiled
    from lingua.live.decisions import Decisions
    from lingua.live.strategy import LiveStrategy


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_program_arguments(parser)
    add_market_arguments(parser, replays=True)
    add_account_arguments(parser)
    output = parser.add_argument_group("output")
    output.add_argument("--json", action="store_true", help="JSON lines on a terminal too")
    output.add_argument("--every-bar", action="store_true", help="also the bars on which nothing happened")
    output.add_argument("--snapshot", metavar="FILE", help="write where it stopped, at the end or after Ctrl-C")
    output.add_argument("--resume", metavar="FILE", help="go on from such a file, over the same bars and later ones")
    add_output_arguments(parser)


def run(options: argparse.Namespace) -> int:
    if options.data is None:
        raise exits.UsageFailure(
            "which bars? `lingua run` replays recorded ones", "write `--replay FILE`, or `--replay` to use lingua.toml"
        )
    compiled = compile_or_fail(options)
    options.data = options.data or None
    ready = prepare(compiled, options)
    live = open_strategy(compiled, ready, options)
    was_stopped = print_decisions(live, ready, options)
    if options.snapshot:
        write_snapshot(live, options)
    if was_stopped:
        print("interrupted", file=sys.stderr)
        return exits.INTERRUPTED
    return exits.FINE


def open_strategy(compiled: Compiled, ready: Prepared, options: argparse.Namespace) -> LiveStrategy:
    """A strategy before its first bar, or where `--resume` says that it stood."""
    from lingua.live.replay import open_live
    from lingua.live.snapshot import SnapshotError

    live = open_live(compiled, ready.market, execution=ready.execution, capital=ready.capital)
    if options.resume:
        try:
            live.restore(read_snapshot(options.resume), ready.market)
        except SnapshotError as problem:
            raise exits.UsageFailure(
                f"{options.resume} cannot be continued: {problem}", "run without --resume to begin again"
            ) from problem
    return live


def read_snapshot(file: str) -> dict[str, Any]:
    try:
        found = json.loads(Path(file).read_text("utf-8"))
    except OSError as problem:
        raise exits.UsageFailure(f"{file} cannot be read: {problem.strerror}") from problem
    except ValueError:
        found = None
    if not isinstance(found, dict) or "format" not in found:
        raise exits.UsageFailure(f"{file} is not a snapshot", "`lingua run --snapshot FILE` writes one")
    return found


def write_snapshot(live: LiveStrategy, options: argparse.Namespace) -> None:
    """Whole or not at all: a file half written would be worse than the one before."""
    path = Path(options.snapshot)
    beside = path.with_name(path.name + ".part")
    try:
        beside.write_text(json.dumps(live.snapshot(), allow_nan=False) + "\n", "utf-8")
        os.replace(beside, path)
    except OSError as problem:
        raise exits.UsageFailure(f"{path} cannot be written: {problem.strerror}") from problem
    if not options.quiet:
        print(f"snapshot: {path}", file=sys.stderr)


def print_decisions(live: LiveStrategy, ready: Prepared, options: argparse.Namespace) -> bool:
    """Whether Ctrl-C stopped it. A line is out before the next bar is looked at."""
    from lingua.live.replay import replay

    is_told = not options.json and sys.stdout.isatty()
    with stops() as stopped:
        for decisions in replay(live, ready.market, after=live.last_ts):
            if (options.every_bar or not decisions.is_quiet) and not options.quiet:
                line = sentences(decisions, every_bar=options.every_bar) if is_told else as_line(decisions)
                if line:
                    print(line, flush=True)
            if stopped:
                return True
    return False


def as_line(decisions: Decisions) -> str:
    return json.dumps(decisions.to_dict(), allow_nan=False, ensure_ascii=False)


@contextmanager
def stops() -> Iterator[list[int]]:
    """Receives a number when the run is to stop, so that it stops between two bars. A second Ctrl-C stops at once."""
    received: list[int] = []

    def note(number: int, _: object) -> None:
        received.append(number)
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def sentences(decisions: Decisions, *, every_bar: bool = False) -> str:
    """One instant for people: a line for each thing that happened; none for a rule that is true with nothing to do."""
    told = decisions.to_dict()
    lines = [fill_line(fill) for fill in told["fills"]]
    lines += [f"closed {trade_line(trade)}" for trade in told["trades"]]
    lines += [f"{event['symbol']}: order {event['order']} {event['kind']}{because(event)}" for event in told["ended"]]
    lines += [order_line(order) for order in told["orders"]]
    lines += [
        f"{event['symbol']}: {event['rule'] or 'protection'} {event['kind'].replace('_', ' ')}{because(event)}"
        for event in told["blocked"]
    ]
    lines += [f"{alert['symbol']}: alert {alert['name']}: {alert['message']}" for alert in told["alerts"]]
    if told["late"]:
        lines.append(f"{told['late']} bars came too late to be decided on")
    if told["ruined"]:
        lines.append("ruined: nothing is left, the run ends")
    if every_bar:
        fired = ", ".join(f"{each['rule']}" for each in told["fired"])
        state = "" if told["ready"] else ", warming up"
        lines.append(f"equity {told['equity']:,.2f}{state}" + (f"; true: {fired}" if fired else ""))
    return "\n".join(f"{told['time']}  {line}" for line in lines)


def fill_line(fill: dict[str, Any]) -> str:
    """`AAPL: bought 120 at 101.5 (entry, rule enter)`"""
    verb = "bought" if fill["side"] == "buy" else "sold"
    price = "" if fill["price"] is None else f" at {fill['price']:,.8g}"
    rule = f", rule {fill['rule']}" if fill["rule"] else ""
    return f"{fill['symbol']}: {verb} {fill['quantity']:,g}{price} ({fill['reason']}{rule})"


def trade_line(trade: dict[str, Any]) -> str:
    """`long 120 AAPL from 101.5 to 104: +300.00`"""
    price = "" if trade["exit_price"] is None else f" to {trade['exit_price']:,.8g}"
    what = f"{trade['side']} {trade['quantity']:,g} {trade['symbol']}"
    return f"{what} from {trade['entry_price']:,.8g}{price}: {trade['pnl']:+,.2f}"


def order_line(order: dict[str, Any]) -> str:
    """`AAPL: order 3 buy 120 at limit 101.5 (rule enter)`"""
    prices = [f"{name} {order[name]:,.8g}" for name in ("stop", "limit") if order[name] is not None]
    how = " ".join(prices) or order["kind"]
    rule = f"rule {order['rule']}" if order["rule"] else order["reason"]
    what = f"{order['side']} {order['quantity']:,g}"
    return f"{order['symbol']}: order {order['order']} {what} at {how} ({rule}){because(order)}"


def because(told: dict[str, Any]) -> str:
    return f": {told['why']}" if told["why"] else ""
