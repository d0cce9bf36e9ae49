"""The stress tests as a terminal and a page show them."""

from __future__ import annotations

import os
from html import escape

import numpy as np

from lingua.backtest.curve import Floats
from lingua.cli.terminal import print_table
from lingua.optimize.page import page, table, tiles
from lingua.optimize.perturbed import Rerun
from lingua.optimize.pictures import band_chart
from lingua.optimize.stress import Stress, findings
from lingua.optimize.terminal import number, share

RESAMPLED = ["test", "return 5 %", "median", "95 %", "drawdown median", "95 %", "ruin"]
RERUN = ["test", "return", "Sharpe", "drawdown", "trades"]


def print_stress(found: Stress, *, no_color: bool = False) -> None:
    m = found.run.metrics
    print(
        f"{found.run.strategy} on {', '.join(found.run.symbols)} as it was: {share(m['total_return'], sign=True)}, "
        f"Sharpe {number(m['sharpe'])}, drawdown {share(m['max_drawdown'])}, {m['trades']:.0f} trades\n"
    )
    rows = resampled_rows(found)
    if rows:
        print(f"the same trades and sessions in other orders (ruin: {found.ruin:.0%} of the start lost)")
        print_table(RESAMPLED, rows, right=range(1, 7), no_color=no_color)
        print()
    rows = rerun_rows(found)
    if rows:
        print("run again in other worlds")
        print_table(RERUN, rows, right=range(1, 5), no_color=no_color)
        print()
    for name, why in found.missing.items():
        print(f"not made: {name}: {why}")
    for sentence in findings(found):
        print(f"- {sentence}")


def resampled_rows(found: Stress) -> list[list[str]]:
    return [
        [each.title, *(share(each.final(level), sign=True) for level in (0.05, 0.5, 0.95)), share(each.depth(0.5)),
         share(each.depth(0.95)), share(each.ruined)]
        for each in found.resampled
    ]  # fmt: skip


def rerun_rows(found: Stress) -> list[list[str]]:
    """One row a step of a ladder; of random tests one for the fifth, one for the median run, one for the worst."""
    rows = []
    for test in ("commission", "slippage", "delay"):
        rows += [_row(each.title, each) for each in found.of(test)]
    for test in ("noise", "start"):
        runs = sorted(found.of(test), key=lambda each: each.figures["total_return"])
        if not runs:
            continue
        title = runs[0].title if test == "noise" else "later starts"
        rows.append(_row(f"{title}: worst of {len(runs)}", runs[0]))
        rows.append(_row(f"{title}: median", runs[len(runs) // 2]))
    return rows


def _row(title: str, each: Rerun) -> list[str]:
    f = each.figures
    return [
        title,
        share(f["total_return"], sign=True),
        number(f["sharpe"]),
        share(f["max_drawdown"]),
        f"{f['trades']:.0f}",
    ]


def write_stress_report(found: Stress, path: str | os.PathLike[str]) -> None:
    """Write `stress_html` to `path` as UTF-8. Raises OSError."""
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        file.write(stress_html(found))


def stress_html(found: Stress) -> str:
    run = found.run
    header = (
        f"<h1>Stress of {escape(run.strategy)}</h1><p class='facts'><span>{escape(', '.join(run.symbols))}</span>"
        f"<span>seed {found.seed}</span><span>fingerprint <code>{escape(run.fingerprint)}</code></span></p>"
    )
    told = "".join(f"<li>{escape(sentence)}</li>" for sentence in findings(found))
    m = run.metrics
    by_name = {each.name: each for each in found.resampled}
    worst = by_name.get("redrawn") or by_name.get("blocks")
    body = f"<ul class='remarks'>{told}</ul>" + tiles([
        ("As it was", share(m["total_return"], sign=True), f"Sharpe {number(m['sharpe'])}"),
        ("Drawdown as it was", share(m["max_drawdown"]), "on bar closes"),
        ("Drawdown, one of twenty", share(worst.depth(0.95)) if worst else "na", worst.title if worst else ""),
        ("Risk of ruin", share(worst.ruined) if worst else "na", f"{found.ruin:.0%} of the start lost"),
    ])  # fmt: skip
    drawn = [
        (each.title, band_chart(each.title, each.steps, each.bands, actual(found, each.name)))
        for each in found.resampled
    ]
    charts = "".join(f"<section class='card'><h2>{escape(title)}</h2>{svg}</section>" for title, svg in drawn if svg)
    body += f"<div class='pair'>{charts}</div>"
    if found.resampled:
        body += f"<section class='card'><h2>Other orders</h2>{table(RESAMPLED, resampled_rows(found))}</section>"
    if found.reruns:
        body += f"<section class='card'><h2>Other worlds</h2>{table(RERUN, rerun_rows(found))}</section>"
    for name, why in found.missing.items():
        body += f"<p>Not made: {escape(name)}: {escape(why)}</p>"
    return page(f"Stress of {run.strategy}", header, body, "Stress test by Lingua. Bands: 5, 25, 50, 75 and 95 %.")


def actual(found: Stress, name: str) -> Floats:
    """(steps + 1,) the curve as it was, over trades or over sessions."""
    from lingua.optimize.resampling import trade_returns

    returns = found.run.curve.returns if name == "blocks" else trade_returns(found.run)
    curve: Floats = np.cumprod(np.concatenate((np.ones(1), 1.0 + returns)), dtype=np.float64)
    return curve
