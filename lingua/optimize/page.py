"""The HTML report of a search: one file that runs no script and asks no network for anything."""

from __future__ import annotations

import os
from html import escape
from importlib import resources

from lingua.optimize import pictures
from lingua.optimize.outcome import Outcome
from lingua.optimize.terminal import number, share, values_text
from lingua.optimize.verdict import verdict

TOP = 100
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
TONES = {"believe": "info", "doubt": "warning", "reject": "warning", "unknown": "warning"}


def write_search_report(outcome: Outcome, path: str | os.PathLike[str]) -> None:
    """Write `search_html` to `path` as UTF-8. Raises OSError."""
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        file.write(search_html(outcome))


def search_html(outcome: Outcome) -> str:
    """The page as text; every name and value in it is escaped."""
    task = outcome.task
    names = ", ".join(bars.symbol for bars in task.market.traded)
    header = (
        f"<h1>Search of {escape(task.program.name)}</h1><p class='facts'>"
        + _spans(names, f"{outcome.day(0)} to {outcome.day(task.sessions)}", f"{task.sessions:,} sessions",
                 f"{outcome.method}, seed {outcome.seed}", str(task.plan), f"{task.purge} sessions purged")
        + f"</p><p class='facts'><span>program <code>{task.compiled.fingerprint}</code></span>"
        f"<span>bars <code>{task.data_fingerprint}</code></span></p>"
    )  # fmt: skip
    found = verdict(outcome)
    reasons = "".join(f"<li>{escape(reason)}</li>" for reason in found.reasons)
    remarks = (
        f"<ul class='remarks'><li class='{TONES[found.level]}'><b>{escape(found.text)}</b><ul>{reasons}</ul></li></ul>"
    )
    drawn = [
        ("Heat map", pictures.heat_map(outcome)),
        ("Equity of the tests", pictures.fold_equities(outcome)),
        ("Parallel coordinates", pictures.parallel_coordinates(outcome)),
        ("What each parameter decides by itself", pictures.importance_bars(outcome)),
        ("Pareto front", pictures.pareto_front(outcome)),
        ("Overfitting", pictures.logit_histogram(outcome)),
    ]
    cards = "".join(f"<section class='card'><h2>{title}</h2>{svg}</section>" for title, svg in drawn if svg)
    body = (
        f"{remarks}{_tiles(outcome)}<section class='card'><h2>Folds: in sample and out of sample</h2>{_folds(outcome)}"
        f"</section><div class='pair'>{cards}</div><section class='card'><h2>Trials, best first</h2>{_trials(outcome)}"
        f"</section><section class='card'><details><summary>Program</summary><pre><code>"
        f"{escape(task.compiled.source.text)}</code></pre></details></section>"
    )
    return page(f"Search of {task.program.name}", header, body, "Search by Lingua. Times are UTC.")


def page(title: str, header: str, body: str, footer: str) -> str:
    """A page in the style of the backtest's report. All but `title` is markup already."""
    style = resources.files("lingua.report").joinpath("assets", "page.css").read_text(encoding="utf-8")
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<meta name="generator" content="Lingua">\n'
        f"<title>{escape(title)}</title>\n<style>{style}</style>\n</head>\n<body>\n<header>{header}</header>\n"
        f"<main>{body}</main>\n<footer><p>{footer}</p></footer>\n</body>\n</html>\n"
    )


def tiles(found: list[tuple[str, str, str]]) -> str:
    """(name, value, remark) each as a tile."""
    return "<div class='tiles'>" + "".join(
        f"<div class='tile'><span>{escape(name)}</span><b>{escape(value)}</b><small>{escape(below)}</small></div>"
        for name, value, below in found
    ) + "</div>"  # fmt: skip


def table(headers: list[str], rows: list[list[str]]) -> str:
    head = "".join(f"<th>{escape(each)}</th>" for each in headers)
    body = "".join(
        "<tr>" + "".join(f"<{'td' if k else 'th'}>{escape(cell)}</{'td' if k else 'th'}>" for k, cell in enumerate(row))
        + "</tr>"
        for row in rows
    )  # fmt: skip
    return f"<div class='scroll'><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"


def _spans(*texts: str) -> str:
    return "".join(f"<span>{escape(text)}</span>" for text in texts)


def _tiles(outcome: Outcome) -> str:
    out = outcome.stitched
    goal = outcome.task.objectives[0].text
    return tiles([
        (f"{goal}, in sample", number(outcome.in_sample), "mean of the folds' training"),
        (f"{goal}, out of sample", number(outcome.out_of_sample), "mean of the folds' tests"),
        ("Tests together", share(out.total_return, sign=True), f"Sharpe {number(out.sharpe)}"),
        ("Drawdown of the tests", share(out.max_drawdown), "at session ends"),
        ("Trials", f"{outcome.tried:,}", f"luck alone shows Sharpe {number(outcome.luck)}"),
        ("Deflated Sharpe", share(outcome.deflated_sharpe), "probability of skill"),
        ("Overfitting (PBO)", share(outcome.overfitting.probability), f"{outcome.overfitting.blocks} blocks"),
        ("Plateau", number(outcome.plateau.score), "1 plateau, 0 spike"),
    ])  # fmt: skip


def _folds(outcome: Outcome) -> str:
    rows = []
    for each in outcome.folds:
        fold = each.fold
        rows.append([
            str(fold.number), "; ".join(f"{outcome.day(a)} to {outcome.day(b)}" for a, b in fold.train),
            "; ".join(f"{outcome.day(a)} to {outcome.day(b)}" for a, b in fold.test),
            "nothing was defined" if each.chosen is None else values_text(outcome.records[each.chosen].values),
            number(each.train), number(each.test), str(each.trades), share(each.beaten),
        ])  # fmt: skip
    return table(["Fold", "Trained on", "Tested on", "Chosen", "In sample", "Out of sample", "Trades", "Beats"], rows)


def _trials(outcome: Outcome) -> str:
    scores = outcome.scores()
    order = sorted(
        range(len(scores)), key=lambda k: (scores[k] != scores[k], -scores[k] if scores[k] == scores[k] else 0, k)
    )
    rows = []
    for k in order[:TOP]:
        record = outcome.records[k]
        figures = record.figures
        defined = [float(value) for value in record.test[:, 0] if value == value]
        out = sum(defined) / len(defined) if defined else float("nan")
        rows.append([
            values_text(record.values), *(number(float(value)) for value in record.overall), number(out),
            number(figures["sharpe"]), share(figures["total_return"], sign=True), share(figures["max_drawdown"]),
            record.problem or f"{figures['trades']:.0f}",
        ])  # fmt: skip
    goals = [each.text for each in outcome.task.objectives]
    return table(["Values", *goals, "Mean of the tests", "Sharpe", "Return", "Drawdown", "Trades"], rows)
