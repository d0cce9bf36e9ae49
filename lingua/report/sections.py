"""The parts of the report that need no script: figures, findings and tables, as escaped HTML."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from html import escape
from typing import TYPE_CHECKING, Any

from lingua.backtest.costs import COSTS
from lingua.backtest.metric import METRICS, Group
from lingua.backtest.sums import total
from lingua.backtest.tables import Table
from lingua.report.findings import findings, stamp_meaning
from lingua.report.format import NA, count, day, duration, figure, instant, money, number, percent

if TYPE_CHECKING:
    from lingua.backtest.result import Result

Shown = tuple[str, str, Callable[[Any], str]]
"""A column of a table: its name, its heading, how a value is written."""

GROUPS: dict[Group, str] = {
    "return": "Return",
    "risk": "Risk",
    "trades": "Trades",
    "exposure": "Exposure and size",
    "benchmark": "Against buy and hold",
    "costs": "Costs",
    "counts": "Counts",
}
TILES = (
    ("total_return", "benchmark_return", "buy and hold"), ("annual_return", "volatility", "volatility"),
    ("sharpe", "sortino", "Sortino"), ("max_drawdown", "longest_drawdown_days", "longest"),
    ("trades", "win_rate", "won"), ("profit_factor", "average_trade_bp", "a trade"),
    ("exposure", "gross_exposure", "gross"), ("break_even_cost_bp", "cost_bp", "paid"),
)  # fmt: skip
SIGNED = {"total_return", "annual_return", "benchmark_return", "average_trade_bp"}


NOT_DRAWN = (
    "The bars were read in pieces and are not drawn. The curves are thinned to the highest and lowest of each stretch; "
    "the figures are those of every bar."
)


def header(run: Result) -> str:
    span = f"{day(run.stamp_of(0))} to {day(run.stamp_of(-1))}" if run.instants else "no bars"
    facts = [", ".join(run.symbols), run.timeframe, span, f"{count(run.instants)} bars"]
    if run.start < run.instants:
        facts.append(f"rules live from {instant(run.stamp_of(run.start))}")
    facts += [f"capital {money(run.capital)}", f"{number(run.sessions_per_year, 0)} sessions a year"]
    stamps = "".join(
        f'<span class="stamp" title="{escape(f"{meaning}. {mend}")}">{escape(stamp)}</span>'
        for stamp in run.stamps or ()
        for meaning, mend in [stamp_meaning(stamp)]
    )
    parameters = "".join(
        f"<span><code>{escape(str(name))}</code> {escape(str(value))}</span>" for name, value in run.parameters.items()
    )
    return (
        f"<div class='stamps'>{stamps}</div><h1>{escape(run.strategy)}</h1>"
        f"<p class='facts'>{''.join(f'<span>{escape(fact)}</span>' for fact in facts if fact)}</p>"
        f"<p class='facts'>{parameters}<span>fingerprint <code>{escape(run.fingerprint)}</code></span></p>"
    )


def tiles(run: Result) -> str:
    """The eight figures read first, each with a second one below."""

    def shown(name: str) -> str:
        value = run.metrics[name]
        if name == "longest_drawdown_days":
            return duration(value)
        sign = "+" if name in SIGNED and value > 0 else ""
        return sign + figure(name, value)

    def tile(name: str, below: str, label: str) -> str:
        value = run.metrics[name]
        tone = ("up" if value > 0 else "down" if value < 0 else "") if name in SIGNED else ""
        return (
            f'<div class="tile" title="{escape(METRICS[name].formula)}"><span>{METRICS[name].title}</span>'
            f'<b class="{tone}">{shown(name)}</b><small>{label} {shown(below)}</small></div>'
        )

    return f"<div class='tiles'>{''.join(tile(*one) for one in TILES)}</div>"


def remarks(run: Result) -> str:
    items = "".join(
        f'<li class="{one.level}">{escape(one.text)}{_small(f"Try: {one.mend}") if one.mend else ""}</li>'
        for one in findings(run)
    )
    if not run.has_bars:
        items += f'<li class="note">{NOT_DRAWN}</li>'
    return f'<ul class="remarks">{items}</ul>' if items else ""


def _small(text: str) -> str:
    return f" <small>{escape(text)}</small>"


def monthly(run: Result) -> str:
    """Year by month; the deeper the colour, the larger the return."""
    table = run.monthly_returns
    rows = table.to_rows()
    if not rows:
        return ""
    names = [name for name in table.columns if name != "year"]
    months = sorted(abs(row[name]) for row in rows for name in names[:-1] if row[name] is not None)
    full = max(months[int(0.95 * (len(months) - 1))] if months else 0.0, 1e-9)

    def cell(row: dict[str, Any], name: str) -> str:
        value = row[name]
        if value is None:
            return "<td></td>"
        if name == "total":
            return f'<td class="total">{percent(value, 1)}</td>'
        tone = f"{'var(--up-rgb)' if value >= 0 else 'var(--down-rgb)'},{min(abs(value) / full, 1) * 0.6:.2f}"
        return f'<td style="background:rgba({tone})">{round(100 * value, 1) + 0.0:.1f}</td>'

    body = "".join(f"<tr><th>{row['year']}</th>{''.join(cell(row, name) for name in names)}</tr>" for row in rows)
    head = "".join(f"<th>{name}</th>" for name in ["", *names])
    return (
        f"<div class='scroll'><table class='months'><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def rules(run: Result) -> str:
    columns: list[Shown] = [
        ("rule", "Rule", str), ("fired", "True on bars", count), ("entries", "Entries", count),
        ("exits", "Exits", count), ("wins", "Won", count), ("pnl", "Net", _signed),
        ("average_bp", "bp a trade", _bp), ("average_r", "R", _r),
    ]  # fmt: skip
    known = {name for name, _, _ in columns}
    columns += [(name, name.replace("_", " ").capitalize(), count) for name in run.rules.columns if name not in known]
    return _table(run.rules, columns)


def costs(run: Result) -> str:
    """Money by kind, as a share of capital and in bp of what was traded."""
    traded = total(run.held.traded)
    kinds = [*COSTS, *(name for name in run.ledger.costs if name not in COSTS)]
    amounts = {kind: float(run.ledger.costs.get(kind, 0.0)) for kind in kinds}
    amounts["total"] = math.fsum(amounts.values())
    table = Table(
        {
            "kind": [name.replace("_", " ").capitalize() for name in amounts],
            "money": list(amounts.values()),
            "share": [value / run.capital if run.capital else math.nan for value in amounts.values()],
            "bp": [1e4 * value / traded if traded else math.nan for value in amounts.values()],
        }
    )
    below = (
        f"<p>The average round trip earns nothing at {figure('break_even_cost_bp', run.metrics['break_even_cost_bp'])} "
        f"of cost and paid {figure('cost_bp', run.metrics['cost_bp'])}. Negative costs were received.</p>"
    )
    columns: list[Shown] = [
        ("kind", "Cost", str), ("money", "Money", money), ("share", "Of capital", percent),
        ("bp", "bp of notional traded", lambda value: number(value, 2)),
    ]  # fmt: skip
    return _table(table, columns) + below


def splits(run: Result) -> str:
    columns: list[Shown] = [
        ("key", "", str), ("trades", "Trades", count), ("wins", "Won", count), ("pnl", "Net", _signed),
        ("average_bp", "bp", _bp), ("average_r", "R", _r), ("profit_factor", "Profit factor", number),
    ]  # fmt: skip
    parts = []
    for name, table in run.splits.items():
        if len(table):
            named: list[Shown] = [("key", f"By {name}", str), *columns[1:]]
            parts.append(f"<div>{_table(table, named)}</div>")
    return f"<div class='splits'>{''.join(parts)}</div>" if parts else "<p>No closed trades.</p>"


def figures(run: Result) -> str:
    """Every metric with its formula and source."""
    parts = []
    for group, title in GROUPS.items():
        rows = "".join(
            f"<tr><td>{one.title}{_small('. '.join(filter(None, (one.formula, one.source))))}</td>"
            f"<td>{figure(name, run.metrics[name])}</td></tr>"
            for name, one in METRICS.items()
            if one.group == group
        )
        parts.append(f"<div><h3>{title}</h3><table class='figures'><tbody>{rows}</tbody></table></div>")
    return f"<div class='groups'>{''.join(parts)}</div>"


def program(run: Result) -> str:
    if not run.source:
        return ""
    return f"<details><summary>Program</summary><pre><code>{escape(run.source)}</code></pre></details>"


def _table(table: Table, columns: Iterable[Shown]) -> str:
    kept = list(columns)
    head = "".join(f"<th>{escape(title)}</th>" for _, title, _ in kept)
    body = []
    for row in table.to_rows():
        cells = []
        for at, (name, _, form) in enumerate(kept):
            text = "" if row[name] is None and at else escape(form(row[name]) if row[name] is not None else NA)
            tone = _tone(row[name]) if name in ("pnl", "average_bp", "average_r") else ""
            cells.append(f"<th>{text}</th>" if at == 0 else f"<td{tone}>{text}</td>")
        body.append(f"<tr>{''.join(cells)}</tr>")
    return f"<div class='scroll'><table><thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table></div>"


def _tone(value: float | None) -> str:
    return "" if not value else ' class="up"' if value > 0 else ' class="down"'


def _signed(value: float) -> str:
    return money(value, sign=True)


def _bp(value: float) -> str:
    return number(value, 1, sign=True)


def _r(value: float) -> str:
    return number(value, 2, sign=True)
