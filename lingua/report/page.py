"""The HTML report: one file that holds everything it shows and asks no network for anything."""

from __future__ import annotations

import base64
import hashlib
import os
from html import escape
from importlib import resources
from string import Template
from typing import TYPE_CHECKING

from lingua.report import sections
from lingua.report.drawings import distribution_svg, excursion_svg
from lingua.report.payload import payload, script_json

if TYPE_CHECKING:
    from lingua.backtest.result import Result

CHARTS = "lightweight-charts.standalone.production.js"


def write_report(run: Result, path: str | os.PathLike[str]) -> None:
    """Write `report_html` to `path` as UTF-8."""
    text = report_html(run)
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)


def report_html(run: Result) -> str:
    """The page as text.

    Names, tags and the program come from files that strangers wrote: in markup they are escaped, in data they cannot
    end their script element, and the page's policy runs only the two scripts whose hashes it names.
    """
    charts, script = _asset("vendor", CHARTS), _asset("assets", "page.js")
    pictures = [
        (title, svg)
        for title, svg in (
            ("Trade distribution", distribution_svg(run)),
            ("Excursions", excursion_svg(run)),
        )
        if svg
    ]
    scripts = f"{_hash(charts)} {_hash(script)}"
    return Template(_asset("assets", "page.html")).substitute(
        policy=f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src {scripts}",
        title=escape(f"{run.strategy} {', '.join(run.symbols)} {run.timeframe}"),
        style=_asset("assets", "page.css"),
        header=sections.header(run),
        remarks=sections.remarks(run),
        tiles=sections.tiles(run),
        monthly=sections.monthly(run) or "<p>No month was completed with live rules.</p>",
        pictures="".join(f"<section class='card'><h2>{title}</h2>{svg}</section>" for title, svg in pictures),
        rules=sections.rules(run),
        costs=sections.costs(run),
        splits=sections.splits(run),
        figures=sections.figures(run),
        program=sections.program(run),
        data=script_json(payload(run)),
        charts=charts,
        script=script,
    )


def _asset(folder: str, name: str) -> str:
    return resources.files("lingua.report").joinpath(folder, name).read_text(encoding="utf-8")


def _hash(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
