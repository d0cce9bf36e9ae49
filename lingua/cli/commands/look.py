"""See what a node has: its deployments, orders, positions, fills, waiting approvals, and its log."""

from __future__ import annotations

import argparse
import json
from typing import Any

from lingua.cli import exits
from lingua.cli.asking import add_node_arguments, ask, number, plain, show, side, when

SENTENCES = {
    "status": "Say how every deployment stands, and what is wrong with the node.",
    "orders": "List orders: those of rules, and the guards that protect what is held.",
    "positions": "List what is held, and how much of it a stop protects.",
    "fills": "List executions.",
    "log": "Print the log: decisions, orders, fills, alarms, and who did what.",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    command = parser.prog.split()[-1]
    parser.description = SENTENCES[command]
    parser.set_defaults(command=command)
    parser.add_argument("deployment", metavar="DEPLOYMENT", nargs="?", default="", help="one of them (default: all)")
    if command == "orders":
        parser.add_argument("--open", action="store_true", help="those that work or wait alone")
    if command in ("orders", "fills", "log"):
        parser.add_argument("--most", metavar="N", type=int, default=50, help="so many of the newest (default: 50)")
    if command == "log":
        parser.add_argument("-f", "--follow", action="store_true", help="go on as things happen, until Ctrl-C")
    add_node_arguments(parser)


def run(options: argparse.Namespace) -> int:
    return int(TABLE[options.command](options))


def status(options: argparse.Namespace) -> int:
    found = ask(options, lambda c: (c.deployments(), c.health(), c.approvals(options.deployment)))
    deployments, health, approvals = found
    if options.deployment:
        deployments = [ask(options, lambda c: c.deployment(options.deployment))]
    if options.json:
        told = {"health": plain(health), "deployments": plain(deployments), "approvals": plain(approvals)}
        if options.deployment:
            told["performance"] = ask(options, lambda c: c.performance(options.deployment))
        print(json.dumps(told, ensure_ascii=False, allow_nan=False))
        return exits.FINE
    for problem in health.problems:
        print(f"! {problem}")
    show(options, deployments, [
        ("deployment", lambda d: d.id, False), ("strategy", lambda d: d.strategy, False),
        ("mode", lambda d: f"{d.mode}{'' if d.is_armed or d.mode not in ('live', 'semi') else ' (not armed)'}", False),
        ("standing", lambda d: str(d.standing), False), ("risk", lambda d: str(d.risk), False),
        ("account", lambda d: d.account, False), ("symbols", lambda d: ",".join(d.symbols), False),
        ("last bar", lambda d: when(d.last_bar_ts), False), ("bars", lambda d: f"{d.bars:,}", True),
        ("equity", lambda d: f"{d.equity:,.2f}", True), ("today", lambda d: f"{d.pnl_day:+,.2f}", True),
        ("drawdown", lambda d: f"{d.drawdown:.2%}", True), ("trades", lambda d: f"{d.trades:,}", True),
        ("why", lambda d: d.why, False),
    ])  # fmt: skip
    if approvals:
        print("\nwaiting for a person (`lingua approve ID` or `lingua reject ID`)")
        show(options, approvals, [
            ("id", lambda a: a.id, False), ("side", side, False), ("symbol", lambda a: a.symbol, False),
            ("quantity", lambda a: number(a.quantity), True), ("worth", lambda a: f"{a.notional:,.2f}", True),
            ("rule", lambda a: a.rule, False), ("until", lambda a: when(a.expires_ts), False),
        ])  # fmt: skip
    if options.deployment:
        print()
        for name, value in ask(options, lambda c: c.performance(options.deployment)).items():
            print(f"{name.replace('_', ' '):<16} {'-' if value is None else number(value, 6)}")
    return exits.FINE


def orders(options: argparse.Namespace) -> int:
    found = ask(options, lambda c: c.orders(options.deployment, is_open=options.open, most=options.most))
    return show(options, found, [
        ("deployment", lambda o: o.deployment, False), ("order", lambda o: o.client_id, False),
        ("symbol", lambda o: o.symbol, False), ("side", side, False), ("kind", lambda o: o.kind, False),
        ("quantity", lambda o: number(o.quantity), True), ("filled", lambda o: number(o.filled), True),
        ("limit", lambda o: number(o.limit) if o.limit else "-", True),
        ("stop", lambda o: number(o.stop) if o.stop else "-", True), ("state", lambda o: o.state, False),
        ("for", lambda o: "protection" if o.is_guard else o.rule, False), ("at", lambda o: when(o.created_ts), False),
        ("why", lambda o: o.why, False),
    ])  # fmt: skip


def positions(options: argparse.Namespace) -> int:
    found = ask(options, lambda c: c.positions(options.deployment))
    return show(options, found, [
        ("deployment", lambda p: p.deployment, False), ("symbol", lambda p: p.symbol, False),
        ("quantity", lambda p: number(p.quantity), True), ("entry", lambda p: number(p.entry), True),
        ("price", lambda p: number(p.price), True), ("pnl", lambda p: f"{p.pnl:+,.2f}", True),
        ("protected", lambda p: number(p.protected), True), ("since", lambda p: when(p.opened_ts), False),
    ])  # fmt: skip


def fills(options: argparse.Namespace) -> int:
    found = ask(options, lambda c: c.fills(options.deployment, most=options.most))
    return show(options, found, [
        ("at", lambda f: when(f.ts), False), ("deployment", lambda f: f.deployment, False),
        ("symbol", lambda f: f.symbol, False), ("side", side, False), ("quantity", lambda f: number(f.quantity), True),
        ("price", lambda f: number(f.price), True), ("fee", lambda f: f"{number(f.fee, 6)} {f.fee_asset}", True),
        ("order", lambda f: f.client_id, False), ("for", lambda f: f.rule, False),
    ])  # fmt: skip


def log(options: argparse.Namespace) -> int:
    found = ask(options, lambda c: c.log(options.deployment, after_seq=-1, most=options.most))
    for event in found:
        print(line(event, options), flush=True)
    if options.follow:
        last = found[-1].seq if found else -1

        def follow(client: Any) -> None:
            for event in client.follow(options.deployment, after_seq=last):
                print(line(event, options), flush=True)

        ask(options, follow)
    return exits.FINE


def line(event: Any, options: argparse.Namespace) -> str:
    if options.json:
        return json.dumps(plain(event), ensure_ascii=False, allow_nan=False)
    mark = {"warning": "! ", "critical": "!! "}.get(event.level, "")
    return f"{when(event.ts)}  {event.deployment or '-':<12} {event.kind:<10} {mark}{event.text}"


TABLE = {"status": status, "orders": orders, "positions": positions, "fills": fills, "log": log}
