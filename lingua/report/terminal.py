"""The summary in the terminal: one screen, 80 columns or fewer, plain text when piped."""

from __future__ import annotations

import math
import os
import sys
import textwrap
from collections.abc import Iterable
from typing import TYPE_CHECKING, TextIO

import numpy as np

from lingua.backtest.costs import COSTS
from lingua.backtest.splits import NOT_SENT
from lingua.report.findings import findings, stamp_meaning
from lingua.report.format import NA, count, day, duration, figure, money, number, percent
from lingua.report.sparkline import ASCII, BLOCKS, sparkline

if TYPE_CHECKING:
    from lingua.backtest.result import Result

Span = tuple[str, str]
"""Text and a rich style ("" is plain)."""
Line = list[Span]
Pair = tuple[str, str, str]
"""Label, figure, style of the figure."""

WIDEST = 100
GAP = 3
LOG_FROM = 4.0
"""Curves that span more than this factor are drawn by their logarithm."""


def print_summary(
    run: Result, file: TextIO | None = None, width: int | None = None, program_file: str = "FILE"
) -> None:
    """Write the summary to `file` (standard output): in colour on a terminal that wants it, else plain."""
    out: TextIO = sys.stdout if file is None else file
    is_terminal = out.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    if width is None:
        width = os.get_terminal_size(out.fileno()).columns if out.isatty() else 80
    can_draw = "utf" in (getattr(out, "encoding", None) or "utf-8").lower()
    text = render_summary(
        run, width, color=is_terminal, program_file=program_file, blocks=BLOCKS if can_draw else ASCII
    )
    if not can_draw:
        text = text.encode(out.encoding, "replace").decode(out.encoding)
    out.write(text)


def render_summary(
    run: Result, width: int = 80, color: bool = False, program_file: str = "FILE", blocks: str = BLOCKS
) -> str:
    """The summary as text that ends in a newline; `color` adds terminal escapes."""
    width = max(28, min(width, WIDEST))
    lines: list[Line] = []
    for part in (
        _stamp(run, width),
        _head(run, width),
        _curves(run, width, blocks),
        _figures(run, width),
        _rules(run, width),
        _costs(run, width),
        _findings(run, width),
        _next(run, width, program_file),
    ):
        if part:
            lines += [[], *part] if lines else part
    return _colored(lines, width) if color else "".join("".join(t for t, _ in line).rstrip() + "\n" for line in lines)


def _colored(lines: list[Line], width: int) -> str:
    from io import StringIO

    from rich.console import Console
    from rich.text import Text

    out = StringIO()
    console = Console(file=out, force_terminal=True, width=width + 1, color_system="standard", legacy_windows=False)
    for line in lines:
        console.print(Text.assemble(*line), no_wrap=True, overflow="ignore", crop=False)
    return out.getvalue()


def _stamp(run: Result, width: int) -> list[Line]:
    lines: list[Line] = []
    for stamp in run.stamps or ():
        meaning, mend = stamp_meaning(stamp)
        rest = f"  {meaning}" + (f": {mend}" if mend else "")
        lines.append([(stamp[:width], "black on yellow")])
        room = width - len(stamp)
        if meaning and len(rest) <= room:
            lines[-1].append((rest, "yellow"))
        elif meaning:
            lines += [[(part, "yellow")] for part in _wrapped(rest.strip(), width, "   ")]
    return lines


def _head(run: Result, width: int) -> list[Line]:
    span = f"{day(run.stamp_of(0))} to {day(run.stamp_of(-1))}" if run.instants else "no bars"
    symbols = ", ".join(run.symbols[:4]) + (f" and {len(run.symbols) - 4} more" if len(run.symbols) > 4 else "")
    facts = [f"{symbols} {run.timeframe}".strip(), span, f"{count(run.instants)} bars"]
    if run.start < run.instants:
        facts.append(f"rules live from {day(run.stamp_of(run.start))}")
    facts.append(run.fingerprint[:12])
    if run.parameters:
        facts.append(", ".join(f"{name}={value}" for name, value in run.parameters.items()))
    return [[(run.strategy, "bold")], *([(part, "dim")] for part in _joined(facts, width))]


def _curves(run: Result, width: int, blocks: str) -> list[Line]:
    if run.start >= run.instants:
        return []
    own, other = run.drawn.equity, run.drawn.hold
    both = np.concatenate((own, other))
    low, high = float(np.nanmin(both)), float(np.nanmax(both))
    is_log = low > 0 and high / low > LOG_FROM
    m = run.metrics
    rows = []
    for label, values, change in (
        ("equity", own, m["total_return"]),
        ("buy & hold", other, m["benchmark_return"]),
    ):
        rows.append((label, values, f"{money(float(values[-1]))}  {percent(change, 1, sign=True)}", change))
    figures = max(len(text) for _, _, text, _ in rows)
    room = width - 11 - figures - 2
    lines: list[Line] = []
    for label, values, text, change in rows:
        line: Line = [(f"{label:11}", "")]
        style = "cyan" if label == "equity" else "dim"
        if room >= 8:
            drawn = (np.log(values), math.log(low), math.log(high)) if is_log else (values, low, high)
            line.append((f"{sparkline(drawn[0], room, drawn[1], drawn[2], blocks):{room}}  ", style))
        line.append((f"{text:>{figures}}", _sign(change)))
        lines.append(line)
    return lines


def _figures(run: Result, width: int) -> list[Line]:
    m = run.metrics

    def plain(label: str, name: str) -> Pair:
        return label, figure(name, m[name]), ""

    def signed(label: str, name: str) -> Pair:
        return label, percent(m[name], 2, sign=True), _sign(m[name])

    open_note = f" +{m['open_trades']} open" if m["open_trades"] else ""
    returns = [
        signed("total", "total_return"), signed("a year", "annual_return"), plain("Sharpe", "sharpe"),
        plain("Sortino", "sortino"), plain("Calmar", "calmar"), signed("vs. hold", "excess_return"),
    ]  # fmt: skip
    risk: list[Pair] = [
        ("drawdown", figure("max_drawdown", m["max_drawdown"]), "red" if m["max_drawdown"] > 0.3 else ""),
        ("longest", duration(m["longest_drawdown_days"]), ""),
        ("under water", percent(m["time_under_water"], 1), ""),
        ("volatility", percent(m["volatility"], 1), ""), ("exposure", percent(m["exposure"], 1), ""),
        ("turnover/y", figure("annual_turnover", m["annual_turnover"]), ""),
    ]  # fmt: skip
    trades: list[Pair] = [
        ("trades", f"{count(m['trades'])}{open_note}", ""),
        ("won", f"{count(m['wins'])} ({percent(m['win_rate'], 0)})" if m["trades"] else NA, ""),
        plain("profit factor", "profit_factor"),
        ("average", _with_unit(m["average_trade_bp"], 1, "bp"), _sign(m["average_trade_bp"])),
        ("average", _with_unit(m["average_trade_r"], 2, "R"), _sign(m["average_trade_r"])),
        ("bars held", number(m["average_bars"], 1), ""),
    ]
    return _columns([("Return", returns), ("Risk", risk), ("Trades", trades)], width)


def _columns(groups: list[tuple[str, list[Pair]]], width: int) -> list[Line]:
    """Groups side by side when they fit, else one below the other."""
    each = (width - GAP * (len(groups) - 1)) // len(groups)
    if each < 22:
        return (
            [line for group in groups for line in _columns([group], min(width, 34))]
            if len(groups) > 1
            else _stack(groups[0], width)
        )
    stacks = [_stack(group, each) for group in groups]
    lines: list[Line] = []
    for row in range(max(map(len, stacks))):
        line: Line = []
        for at, stack in enumerate(stacks):
            spans = stack[row] if row < len(stack) else []
            line += spans
            if at < len(stacks) - 1:
                line.append((" " * (each - sum(len(text) for text, _ in spans) + GAP), ""))
        lines.append(line)
    return lines


def _stack(group: tuple[str, list[Pair]], width: int) -> list[Line]:
    title, pairs = group
    lines: list[Line] = [[(title, "bold")]]
    for label, text, style in pairs:
        lines.append([(label, "dim"), (f"{text:>{max(1, width - len(label))}}", style)])
    return lines


def _rules(run: Result, width: int) -> list[Line]:
    rows = run.rules.to_rows()[:12]
    if not rows or width < 50:
        return []
    longest = max(width - 44, 8)
    name = min(max(len(row["rule"]) for row in rows), longest)
    lines: list[Line] = [[(f"{'Rule':{name}}", "bold"), (f"{'true':>8}{'in':>7}{'out':>7}{'net':>12}{'bp':>9}", "dim")]]
    for row in rows:
        result = money(row["pnl"], sign=True) if row["pnl"] is not None else ""
        average = number(row["average_bp"], 1, sign=True) if row["average_bp"] is not None else ""
        fired = count(row["fired"]) if row["fired"] else ""
        label = row["rule"] if len(row["rule"]) <= name else row["rule"][: name - 1] + "…"
        lines.append(
            [
                (f"{label:{name}}", ""),
                (f"{fired:>8}{count(row['entries']):>7}{count(row['exits']):>7}", ""),
                (f"{result:>12}{average:>9}", _sign(row["pnl"] or 0.0)),
            ]
        )
    return lines


def _costs(run: Result, width: int) -> list[Line]:
    m = run.metrics
    paid = [f"{name} {money(m[name])}" for name in COSTS if m[name]]
    if m["break_even_cost_bp"] == m["break_even_cost_bp"]:
        paid.append(
            f"break-even {number(m['break_even_cost_bp'], 1)} bp a round trip, paid {number(m['cost_bp'], 1)} bp"
        )
    counts = run.ledger.counts
    not_sent = [f"{kind.replace('_', ' ')} {count(counts[kind])}" for kind in NOT_SENT if counts.get(kind)]
    lines: list[Line] = []
    for title, parts in (("Costs", paid), ("Not traded", not_sent)):
        if parts:
            for at, text in enumerate(_joined(parts, width - 12)):
                lines.append([(f"{title if at == 0 else '':12}", "bold"), (text, "")])
    return lines


def _findings(run: Result, width: int) -> list[Line]:
    lines: list[Line] = []
    for one in findings(run):
        mark, style = ("!", "bold yellow") if one.level == "warning" else ("·", "dim")
        for at, text in enumerate(_wrapped(one.text, width - 2)):
            lines.append([(f"{mark if at == 0 else ' '} ", style), (text, "yellow" if one.level == "warning" else "")])
        if one.mend:
            lines += [[("  ", ""), (text, "dim")] for text in _wrapped(f"try: {one.mend}", width - 2)]
    return lines


def _next(run: Result, width: int, program_file: str) -> list[Line]:
    rule = next((row["rule"] for row in run.rules.to_rows() if row["entries"]), None)
    rule = rule or (run.program.rules[0].name if run.program.rules else "RULE")
    steps = [
        (f"lingua backtest {program_file} --report report.html", "every trade, explained"),
        (f"lingua explain {program_file} {rule} --misses", "near misses"),
        (f"lingua next {program_file}", "orders for the next bar"),
    ]
    longest = max(len(command) for command, _ in steps)
    lines: list[Line] = [[("Next", "bold")]]
    for command, what in steps:
        fits = longest + 4 + len(what) <= width
        lines.append(
            [("  ", ""), (command, "cyan"), *([(" " * (longest - len(command) + 2) + what, "dim")] if fits else [])]
        )
    return lines


def _with_unit(value: float, digits: int, unit: str) -> str:
    return f"{number(value, digits, sign=True)} {unit}" if value == value else NA


def _sign(value: float) -> str:
    return "green" if value > 0 else "red" if value < 0 else ""


def _joined(parts: Iterable[str], width: int) -> list[str]:
    """Parts with a dot between, broken between parts where the line is full."""
    lines: list[str] = []
    for part in parts:
        for piece in _wrapped(part, width):
            if lines and len(lines[-1]) + 3 + len(piece) <= width:
                lines[-1] += f" · {piece}"
            else:
                lines.append(piece)
    return lines


def _wrapped(text: str, width: int, indent: str = "") -> list[str]:
    return textwrap.wrap(
        text, max(width, 12), initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False
    ) or [""]
