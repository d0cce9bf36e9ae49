"""A page per indicator, with its picture on the sample data, and an index by group."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import indicator_pictures as draw
import numpy as np
from indicator_pictures import Floats, Line, Picture

from lingua.indicators.declaration import ANCHORED, IndicatorSpec, Input, OutputSpec
from lingua.indicators.describe import LISTS, defaults, facts, signature
from lingua.indicators.registry import lookup, specs

FOLDER = Path(__file__).with_name("reference") / "indicators"
DATA = Path(__file__).parents[1] / "examples" / "data"
BARS, PATTERN_BARS = 130, 44
SETS = {
    "AAPL": ("AAPL, daily", "2005-03-01", "2013-03-01"),
    "IBM": ("IBM, daily", "2000-03-01", "2013-03-01"),
    "MSFT": ("MSFT, daily", "2003-02-19", "2013-03-01"),
    "ETHUSDT_15m": ("ETHUSDT, 15 minutes, generated prices", "", ""),
    "BTCUSDT_5m": ("BTCUSDT, 5 minutes, generated prices", "", ""),
    "SOLUSDT_1h": ("SOLUSDT, 1 hour, generated prices", "", ""),
}
"""Sample data: what they are, and a stretch of them without a split. A pattern is shown in the first that has it."""
GROUPS = {
    "averages": "Averages", "trend": "Trend and direction", "momentum": "Momentum", "volatility": "Volatility",
    "volume": "Volume", "windows": "Statistics of windows", "events": "Events", "cycles": "Cycles", "prices": "Prices",
    "candles": "Candle patterns", "arithmetic": "Arithmetic", "structure": "Market structure",
}  # fmt: skip


@dataclass(frozen=True)
class Table:
    """Bars of one of the sample files."""

    title: str
    dates: np.ndarray
    fields: dict[str, Floats]

    def __len__(self) -> int:
        return len(self.dates)


@cache
def sample(name: str) -> Table:
    if name == MADE_UP:
        return made_up()
    title, first, last = SETS[name]
    with (DATA / f"{name}.csv").open(encoding="utf-8") as lines:
        head, *rows = csv.reader(lines)
    rows = [row for row in rows if not first or first <= row[0] <= last]
    columns = {word: [row[place] for row in rows] for place, word in enumerate(head)}
    stamps = columns[head[0]]
    dates = np.array([stamp.removesuffix("Z").removesuffix("+00:00") for stamp in stamps], dtype="datetime64[s]")
    return Table(title, dates, {word: np.array(columns[word], dtype=np.float64) for word in FIELDS})


def made_up(bars: int = 400_000) -> Table:
    """Bars of all shapes with gaps between them, so that the rarest patterns occur."""
    random = np.random.default_rng(61)
    body = random.choice([0.02, 0.3, 1.0, 3.0], bars) * random.uniform(0.9, 1.1, bars)
    body *= np.where(random.random(bars) < 0.5, -1.0, 1.0)
    above, below = (random.choice([0.0, 0.02, 0.5, 2.0], bars, p=[0.45, 0.25, 0.2, 0.1]) for _ in range(2))
    gap = random.choice([0.0, 0.3, 1.5], bars, p=[0.5, 0.25, 0.25]) * random.choice([-1.0, 1.0], bars)
    # Drawn back to the middle, so that prices stay positive however long the walk is.
    close = np.empty(bars)
    opened = np.empty(bars)
    last = 100.0
    for k in range(bars):
        opened[k] = last + gap[k] - 0.02 * (last - 100.0)
        last = close[k] = opened[k] + body[k]
    dates = np.datetime64("2001-01-01", "s") + np.arange(bars) * np.timedelta64(3600, "s")
    high, low = np.maximum(opened, close) + above, np.minimum(opened, close) - below
    columns = {"open": opened, "high": high, "low": low, "close": close, "volume": np.full(bars, 1000.0)}
    return Table("Made-up bars", dates, {name: np.round(column, 2) for name, column in columns.items()})


MADE_UP = "made up"
FIELDS = ("open", "high", "low", "close", "volume")


def pages() -> dict[str, str]:
    """File name to text: every page and the index."""
    return {"README.md": index(), **{f"{spec.name}.md": page(spec) for spec in specs()}}


def pictures() -> dict[str, str]:
    """File name to SVG."""
    return {f"{spec.name}.svg": draw.svg(picture(spec)) for spec in specs()}


# --- texts -------------------------------------------------------------------------------------------


def page(spec: IndicatorSpec) -> str:
    parts = [f"# {spec.name}", f"`{signature(spec)}`", spec.summary, f"![{spec.name}]({spec.name}.svg)", caption(spec)]
    for title, lines in facts(spec):
        if title in LISTS:
            parts.append(f"## {title}")
            parts.append("\n".join(f"- {line}" for line in lines))
        else:
            code = title in ("Formula", "Example")
            parts.append(f"**{title}:** {f'`{lines[0]}`' if code else lines[0]}")
    group = GROUPS.get(spec.group, spec.group)
    parts.append(f"[{group}](README.md#{anchor(group)}) · [all indicators](README.md)")
    return "\n\n".join(parts) + "\n"


def caption(spec: IndicatorSpec) -> str:
    shown = view(spec)
    table = sample(shown.data)
    if shown.data == MADE_UP:
        return shown.said[0]
    days = [str(table.dates[k].astype("datetime64[D]")) for k in (shown.first, shown.last - 1)]
    words = [f"{table.title}, {days[0]} to {days[1]}."]
    words += shown.said
    drawn = {line.name for line in (*picture(spec).panel, *picture(spec).overlays)}
    names = [each.name for each in spec.outputs if len(spec.outputs) > 1 and each.kind != "bool"]
    undrawn = [f"`{name}`" for name in names if name not in drawn] if drawn else []
    if undrawn:
        words.append(f"Not drawn, being of another size: {', '.join(undrawn)}.")
    return " ".join(words)


def index() -> str:
    every = specs()
    groups: dict[str, list[IndicatorSpec]] = {}
    for spec in every:
        groups.setdefault(spec.group, []).append(spec)
    order = [*(g for g in GROUPS if g in groups), *sorted(g for g in groups if g not in GROUPS)]
    parts = [
        "# Indicators",
        f"{len(every)} indicators. Each page has formula, parameters, outputs, warm-up and source, and a picture. The "
        "pages are written from the declarations in the code by `docs/generate_reference.py`; "
        "`lingua doc NAME` prints the same in the terminal. What differs from other platforms, and which parameter "
        "gives the other convention, stands in [conventions](../conventions.md).",
        " · ".join(f"[{GROUPS.get(g, g)}](#{anchor(GROUPS.get(g, g))})" for g in order) + " · [Anchored](#anchored)",
    ]
    for group in order:
        rows = [f"| [{each.name}]({each.name}.md) | `{signature(each)}` | {each.summary} |" for each in groups[group]]
        parts.append(f"## {GROUPS.get(group, group)}")
        parts.append("\n".join(["| name | written | is |", "| --- | --- | --- |", *rows]))
    parts.append("## Anchored")
    parts.append(
        "These depend on the first bar for ever: two runs that begin on different bars never agree fully. All others "
        "forget their start after the number of bars their page names."
    )
    held = [each for each in every if each.settle(**defaults(each)) == ANCHORED]
    parts.append(
        "\n".join(
            [
                "| name | is |",
                "| --- | --- |",
                *(f"| [{each.name}]({each.name}.md) | {each.summary} |" for each in held),
            ]
        )
    )
    return "\n\n".join(parts) + "\n"


def anchor(title: str) -> str:
    return title.lower().replace(" ", "-")


# --- what is shown -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class View:
    """Which bars of which data, the indicator's inputs and outputs over all of them, and what the caption adds."""

    data: str
    first: int
    last: int
    inputs: dict[str, Floats]
    outputs: list[Floats]
    said: list[str]


@cache
def view(spec: IndicatorSpec) -> View:
    if spec.group == "candles":
        return pattern_view(spec)
    table = sample("AAPL")
    inputs, said = inputs_of(spec, table)
    last = len(table)
    first = last - BARS
    begun = 0
    if begins_with_the_data(spec):
        begun = first
        said.append("It begins with the first bar shown.")
    outputs = [np.full(last, np.nan) for _ in spec.outputs]
    for whole, part in zip(outputs, values(spec, {k: v[begun:] for k, v in inputs.items()}), strict=True):
        whole[begun:] = part
    return View("AAPL", first, last, inputs, outputs, said)


def begins_with_the_data(spec: IndicatorSpec) -> bool:
    """A price that remembers everything: over years of data it is far from the bars."""
    held = spec.settle(**defaults(spec)) == ANCHORED
    return (
        held
        and spec.outputs[0].unit == "price"
        and all(each.default == "volume" or each.is_implicit for each in spec.inputs)
        and "volume" in {i.default for i in spec.inputs}
    )


def pattern_view(spec: IndicatorSpec) -> View:
    """The stretch with most marks in the first data that have any."""
    for name in (*SETS, MADE_UP):
        table = sample(name)
        inputs, _ = inputs_of(spec, table)
        (found,) = values(spec, inputs)
        marked = np.nan_to_num(found) != 0
        marked[: PATTERN_BARS // 2] = False
        marked[-PATTERN_BARS // 4 :] = False
        if marked.any():
            centre = busiest(marked)
            first = min(max(0, centre - PATTERN_BARS * 2 // 3), len(table) - PATTERN_BARS)
            times = f"The pattern stands on {int(marked.sum()):,} of {len(table):,} bars."
            said = "It is rare: the sample prices have none, so these bars are made up." if name == MADE_UP else times
            return View(name, first, first + PATTERN_BARS, inputs, [found], [said])
    raise ValueError(f"{spec.name}: nowhere, not even in made-up bars")


def busiest(marked: np.ndarray) -> int:
    """A marked bar with most marks within ten bars around it; the last of equal ones."""
    near = np.convolve(marked, np.ones(21), "same") * marked
    return len(near) - 1 - int(np.argmax(near[::-1]))


def inputs_of(spec: IndicatorSpec, table: Table) -> tuple[dict[str, Floats], list[str]]:
    found, said = {}, []
    for each in spec.inputs:
        if each.is_implicit:
            found[each.name] = table.fields[each.default]
        else:
            found[each.name], words = stand_in(each, spec, table)
            if words:
                said.append(words)
    return found, said


def stand_in(each: Input, spec: IndicatorSpec, table: Table) -> tuple[Floats, str]:
    """A column for an input that programs write, and what it is when that is not `close`."""
    close = table.fields["close"]
    if each.kind == "bool":
        return truth(close, average(close, 20)), f"{each.name}: the close crosses above its average of 20 bars."
    if spec.group == "arithmetic" and len(spec.inputs) == 1:
        place = position(close)
        (tried,) = values(spec, {each.name: 4.0 * place - 2.0})
        if np.isnan(tried[-BARS:]).any():
            return place, f"{each.name}: the place of the close in the range of 60 bars, 0 to 1."
        return 4.0 * place - 2.0, f"{each.name}: the place of the close in the range of 60 bars, scaled to -2 … 2."
    if spec.name.startswith("cross"):
        if each.name == "left":
            return average(close, 5), "left: average of 5 bars; right: of 20."
        return average(close, 20), ""
    if each.name == "periods":
        return np.floor(
            5.0 + 20.0 * position(close)
        ), "periods: 5 to 25, more the higher the close in its range of 60 bars."
    if each.default in table.fields:
        return table.fields[each.default], f"{each.name}: {each.default}." if each.default != "close" else ""
    if each.name in ("other", "right") and spec.group != "arithmetic":
        other = sample("MSFT")
        at = np.searchsorted(other.dates, table.dates)
        return other.fields["close"][at], f"source: close of AAPL; {each.name}: of MSFT."
    if each.name == "right":
        return table.fields["open"], "left: close; right: open."
    return close, ""


def average(x: Floats, length: int) -> Floats:
    sma = lookup("sma")
    assert sma is not None
    return np.asarray(sma.batch(x, length=length)[0])


def truth(left: Floats, right: Floats) -> Floats:
    cross = lookup("cross_above")
    assert cross is not None
    return np.nan_to_num(np.asarray(cross.batch(left, right)[0]))


def position(close: Floats) -> Floats:
    highest, lowest = lookup("highest"), lookup("lowest")
    assert highest is not None
    assert lowest is not None
    top, bottom = (np.asarray(each.batch(close, length=60)[0]) for each in (highest, lowest))
    return np.nan_to_num((close - bottom) / (top - bottom), nan=0.5)


def values(spec: IndicatorSpec, inputs: dict[str, Floats]) -> list[Floats]:
    """The outputs with default parameters; rows where an input is missing are left out, as in a run."""
    columns = list(inputs.values())
    known = np.all([np.isfinite(column) for column in columns], axis=0)
    made = spec.batch(*(column[known] for column in columns), **defaults(spec))
    found = []
    for each in made:
        out = np.full(len(known), np.nan)
        out[known] = np.asarray(each)
        found.append(out)
    return found


def picture(spec: IndicatorSpec) -> Picture:
    shown = view(spec)
    table, part = sample(shown.data), slice(shown.first, shown.last)
    prices = {name: table.fields[name][part] for name in FIELDS}
    volume = prices.pop("volume") if any(each.default == "volume" for each in spec.inputs) else None
    if volume is None:
        prices.pop("volume", None)
    made = Picture(f"{signature(spec)} on {table.title}", table.dates[part], **prices, volume=volume)
    if spec.group == "candles":
        made.marks = np.nan_to_num(shown.outputs[0][part])
        return made
    for each, column in shown.inputs.items():
        if spec.name.startswith("cross"):
            made.overlays.append(Line(each, column[part], "dashed"))
        elif spec.group == "arithmetic" and len(spec.inputs) == 1:
            made.panel.append(Line(each, column[part]))
    if [each.name for each in spec.outputs] == ["open", "high", "low", "close"]:
        opened, high, low, close = (whole[part] for whole in shown.outputs)
        made.candles = (opened, high, low, close)
        return made
    for output, whole in zip(spec.outputs, shown.outputs, strict=True):
        column = whole[part]
        name = output.name if len(spec.outputs) > 1 else spec.name
        if output.kind == "bool" or is_swing(output.name):
            signs = np.where(np.nan_to_num(column) > 1.0, -1.0 if "high" in output.name else 1.0, 0.0)
            made.marks = signs if made.marks is None else made.marks + signs
            continue
        if spec.group != "arithmetic" and is_price_like(column, prices):
            made.overlays.append(Line(name, column, "dots" if spec.name in DOTTED else "line"))
            continue
        kind = "bars" if output.name in ("hist", "histogram") else "steps" if is_step(output, column) else "line"
        shared = not made.panel or made.bounds == (output.low, output.high)
        made.panel.append(Line(name, column, kind))
        made.bounds = (output.low, output.high) if shared else (None, None)
    flat = lost_in(made.panel) if spec.group != "arithmetic" else []
    made.panel = [line for line in made.panel if line.name not in flat]
    if any(each.kind == "bool" for each in spec.inputs):
        condition = next(shown.inputs[each.name] for each in spec.inputs if each.kind == "bool")[part]
        made.marks = np.where(condition > 1.0, 1.0, 0.0)
    return made


def lost_in(panel: list[Line]) -> list[str]:
    """Lines that would lie flat, because another one of the panel is so much larger."""
    spans = {line.name: float(np.nanmax(line.values) - np.nanmin(line.values)) for line in panel}
    return [name for name, span in spans.items() if span < max(spans.values()) / 12.0]


def is_step(output: OutputSpec, column: Floats) -> bool:
    """Whole numbers, and what takes a few values only."""
    return output.kind == "int" or len(np.unique(column[np.isfinite(column)])) <= 4


DOTTED = ("sar", "sarext", "supertrend", "chandelier_stop", "pivothigh", "pivotlow")
"""Stops, since they jump from side to side, and what stands on single bars: dots."""


def is_swing(name: str) -> bool:
    return name in ("swing_high", "swing_low")


def is_price_like(column: Floats, prices: dict[str, Floats]) -> bool:
    """Whether the column belongs among the bars: most of its values lie near them."""
    seen = column[np.isfinite(column)]
    if len(seen) == 0:
        return False
    low, high = float(np.min(prices["low"])), float(np.max(prices["high"]))
    slack = 0.6 * (high - low)
    return float(np.mean((seen > low - slack) & (seen < high + slack))) > 0.9
