"""The short form a notebook shows for a result."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from lingua.report.findings import findings
from lingua.report.format import day, figure
from lingua.report.sparkline import sparkline

if TYPE_CHECKING:
    from lingua.backtest.result import Result

SHOWN = (
    ("total_return", "benchmark_return", "annual_return", "sharpe", "sortino"),
    ("max_drawdown", "volatility", "exposure", "time_under_water", "profit_factor"),
    ("trades", "win_rate", "average_trade_bp", "average_trade_r", "break_even_cost_bp"),
)


def notebook_html(run: Result) -> str:
    """A table of the main figures with the equity curve in one line; colours come from the notebook's own theme."""
    from lingua.backtest.metric import METRICS

    span = f"{day(run.stamp_of(0))} to {day(run.stamp_of(-1))}" if run.instants else "no bars"
    head = f"<b>{escape(run.strategy)}</b> {escape(', '.join(run.symbols))} {escape(run.timeframe)}, {span}"
    stamps = "".join(
        f' <span style="background:#e6a700;color:#000;padding:0 .4em;border-radius:3px">{escape(stamp)}</span>'
        for stamp in run.stamps or ()
    )
    rows = []
    for names in zip(*SHOWN, strict=True):
        cells = "".join(
            f'<td style="text-align:left" title="{escape(METRICS[name].formula)}">{METRICS[name].title}</td>'
            f'<td style="text-align:right"><b>{figure(name, run.metrics[name])}</b></td>'
            for name in names
        )
        rows.append(f"<tr>{cells}</tr>")
    line = sparkline(run.drawn.equity, 60)
    notes = "".join(f"<li>{escape(f'{one.text} {one.mend}'.strip())}</li>" for one in findings(run))
    return (
        f"<div><div>{head}{stamps}</div><div style='font-family:monospace;letter-spacing:-1px'>{line}</div>"
        f"<table>{''.join(rows)}</table><ul>{notes}</ul></div>"
    )
