"""Pictures of indicators on real prices, as small SVG files for the reference pages.

Above stand the bars, with what is measured in prices drawn over them; below what has a scale of its own. Numbers are
written with one decimal, so that the same data give the same file.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

WIDTH, LEFT, RIGHT = 760, 8, 62
TOP, PRICE_HEIGHT, PANEL_HEIGHT, STRIP, GAP, BOTTOM = 22, 210, 120, 34, 26, 22
COLOURS = ("#1f5fbf", "#c4501b", "#2a7d4f", "#7b3fa0", "#8a6d00", "#b0306a")
RISING, FALLING, MARK_UP, MARK_DOWN = "#79a88e", "#cf857e", "#1f7a46", "#b3261e"
STYLE = "font-family='Helvetica,Arial,sans-serif' font-size='11' fill='#333'"


@dataclass(frozen=True, slots=True)
class Line:
    """One column; `kind` is line, dashed, bars (from zero), steps or dots."""

    name: str
    values: Floats
    kind: str = "line"


@dataclass(slots=True)
class Picture:
    """`dates` are the closes of the bars as numpy dates; every column has their length."""

    title: str
    dates: NDArray[np.datetime64]
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats | None = None
    overlays: list[Line] = field(default_factory=list)
    panel: list[Line] = field(default_factory=list)
    bounds: tuple[float | None, float | None] = (None, None)
    """What the values of the panel cannot leave."""
    candles: tuple[Floats, Floats, Floats, Floats] | None = None
    """Bars of their own for the panel: open, high, low, close."""
    marks: Floats | None = None
    """Above 0: a mark below the bar, below 0: one above it."""


def svg(picture: Picture) -> str:
    top = TOP
    price_bottom = top + PRICE_HEIGHT
    strip_bottom = price_bottom + (STRIP if picture.volume is not None else 0)
    panel_top = strip_bottom + GAP
    has_panel = bool(picture.panel) or picture.candles is not None
    panel_height = PRICE_HEIGHT if picture.candles is not None else PANEL_HEIGHT
    bottom = panel_top + panel_height if has_panel else strip_bottom
    parts = [
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {bottom + BOTTOM}' {STYLE} role='img'>",
        f"<title>{escape(picture.title)}</title>",
        f"<rect width='{WIDTH}' height='{bottom + BOTTOM}' fill='#fff'/>",
    ]
    x = Across(len(picture.dates))
    lows = [picture.low, *(line.values for line in picture.overlays)]
    highs = [picture.high, *(line.values for line in picture.overlays)]
    least, most = reach(lows, highs, picture)
    # Marks need room beyond the bars.
    room = 0.09 if picture.marks is not None else 0.03
    y = Up(least - room * (most - least), most + room * (most - least), price_bottom, top)
    parts += months(picture.dates, x, top, bottom)
    parts += axis(y, x)
    parts += candles((picture.open, picture.high, picture.low, picture.close), x, y)
    parts += drawn(picture.overlays, x, y, 0)
    if picture.marks is not None:
        parts += marks(picture, x, y)
    parts.append(legend([Line("price", picture.close, "price"), *picture.overlays], top - 8, 0))
    if picture.volume is not None:
        most_traded = float(np.max(picture.volume)) or 1.0
        scale = Up(0.0, most_traded, strip_bottom, price_bottom + 6)
        parts.append(bars(picture.volume, x, scale, "#b9c2cc"))
        parts.append(f"<text x='{WIDTH - RIGHT + 6}' y='{strip_bottom - 2}' fill='#666'>volume</text>")
    if picture.candles is not None:
        own = Up(float(np.min(picture.candles[2])), float(np.max(picture.candles[1])), bottom, panel_top)
        parts += [*axis(own, x), *candles(picture.candles, x, own)]
        parts.append(legend([Line(picture.title.partition("(")[0], picture.close, "price")], panel_top - 8, 0))
    elif picture.panel:
        parts += panel(picture, x, panel_top, bottom)
    return "\n".join([*parts, "</svg>\n"])


def reach(lows: Sequence[Floats], highs: Sequence[Floats], picture: Picture) -> tuple[float, float]:
    """The prices shown: those of the bars, and of overlays as far as they stay within sight."""
    least, most = float(np.min(picture.low)), float(np.max(picture.high))
    slack = 0.8 * (most - least)
    for values in (*lows, *highs):
        seen = values[np.isfinite(values)]
        if len(seen):
            least = min(least, max(float(np.min(seen)), float(np.min(picture.low)) - slack))
            most = max(most, min(float(np.max(seen)), float(np.max(picture.high)) + slack))
    return least, most


class Across:
    """Bar number to picture."""

    def __init__(self, count: int) -> None:
        self.step = (WIDTH - LEFT - RIGHT) / count
        self.count = count

    def __call__(self, bar: float) -> float:
        return LEFT + (bar + 0.5) * self.step


class Up:
    """Value to picture; what lies outside stays at the edge."""

    def __init__(self, low: float, high: float, bottom: float, top: float) -> None:
        if not high > low:
            low, high = low - 1.0, high + 1.0
        self.low, self.high, self.bottom, self.top = low, high, bottom, top

    def __call__(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return self.bottom - min(max(share, 0.0), 1.0) * (self.bottom - self.top)


def short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def ticks(low: float, high: float, wanted: int) -> list[float]:
    rough = (high - low) / wanted
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(each * power for each in (1, 2, 2.5, 5, 10) if each * power >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [0.0 if k == 0 else k * step for k in range(first, math.floor(high / step + 1e-9) + 1)]


def labelled(value: float, step: float) -> str:
    size = max(abs(value), step)
    for least, unit, sign in ((1e12, 1e12, "T"), (1e9, 1e9, "G"), (1e6, 1e6, "M"), (1e4, 1e3, "k")):
        if size >= least:
            return f"{value / unit:.4g}{sign}" if value else "0"
    if size < 1e-4:
        return f"{value:.2g}"
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    while abs(step * 10**decimals - round(step * 10**decimals)) > 1e-6 and decimals < 8:
        decimals += 1
    return f"{value:.{decimals}f}"


def axis(y: Up, x: Across, wanted: int = 5) -> list[str]:
    found = ticks(y.low, y.high, wanted)
    step = found[1] - found[0] if len(found) > 1 else abs(y.high - y.low)
    path = "".join(f"M{LEFT} {short(y(value))}H{WIDTH - RIGHT}" for value in found)
    words = "".join(
        f"<text x='{WIDTH - RIGHT + 6}' y='{short(y(value) + 4)}'>{labelled(value, step)}</text>" for value in found
    )
    return [f"<path d='{path}' stroke='#e4e7eb' fill='none'/>", words]


def months(dates: NDArray[np.datetime64], x: Across, top: float, bottom: float) -> list[str]:
    """A line where a month (or, in few days of shorter bars, a day) begins."""
    is_short = (dates[-1] - dates[0]) < np.timedelta64(45, "D")
    unit = "D" if is_short else "M"
    at = np.flatnonzero(np.diff(dates.astype(f"datetime64[{unit}]").astype(np.int64)) != 0) + 1
    every = max(1, math.ceil(len(at) / 9))
    parts, path = [], ""
    for k in at[::every].tolist():
        place = x(k - 0.5)
        if place > WIDTH - RIGHT - 44:
            continue
        day = dates[k].astype("datetime64[D]").item()
        path += f"M{short(place)} {top}V{bottom}"
        words = f"{day.day} {day:%b}" if is_short else f"{day:%b %Y}"
        parts.append(f"<text x='{short(place + 3)}' y='{bottom + 15}'>{words}</text>")
    frame = f"M{LEFT} {bottom}H{WIDTH - RIGHT}"
    return [f"<path d='{path}' stroke='#eef0f2' fill='none'/><path d='{frame}' stroke='#999' fill='none'/>", *parts]


def candles(prices: tuple[Floats, Floats, Floats, Floats], x: Across, y: Up) -> list[str]:
    parts = []
    width = max(1.6, min(x.step * 0.66, 9.0))
    opened, high, low, close = prices
    rises = close >= opened
    for colour, chosen in ((RISING, rises), (FALLING, ~rises)):
        wicks = bodies = ""
        for k in np.flatnonzero(chosen).tolist():
            place = short(x(k))
            wicks += f"M{place} {short(y(high[k]))}V{short(y(low[k]))}"
            first, last = y(max(opened[k], close[k])), y(min(opened[k], close[k]))
            bodies += f"M{place} {short(first)}V{short(max(last, first + 0.8))}"
        thick = f"<path d='{bodies}' stroke-width='{short(width)}'/>"
        parts.append(f"<g stroke='{colour}' fill='none'><path d='{wicks}'/>{thick}</g>")
    return parts


def drawn(lines: list[Line], x: Across, y: Up, first: int) -> list[str]:
    parts = []
    for place, line in enumerate(lines):
        colour = COLOURS[(first + place) % len(COLOURS)]
        if line.kind == "bars":
            parts.append(bars(line.values, x, y, colour))
        elif line.kind == "dots":
            dots = "".join(
                f"M{short(x(k))} {short(y(value))}h.1" for k, value in enumerate(line.values.tolist()) if value == value
            )
            parts.append(f"<path d='{dots}' stroke='{colour}' stroke-width='3.4' stroke-linecap='round' fill='none'/>")
        else:
            dash = " stroke-dasharray='5 4'" if line.kind == "dashed" else ""
            parts.append(
                f"<path d='{track(line.values, x, y, line.kind == 'steps')}' stroke='{colour}' stroke-width='1.5' "
                f"stroke-linejoin='round' fill='none'{dash}/>"
            )
    return parts


def track(values: Floats, x: Across, y: Up, is_steps: bool) -> str:
    path, is_down = "", False
    for k, value in enumerate(values.tolist()):
        if value != value:
            is_down = False
        elif is_steps:
            path += f"{'V' if is_down else f'M{short(x(k - 0.5))} '}{short(y(value))}H{short(x(k + 0.5))}"
            is_down = True
        else:
            alone = k + 1 == len(values) or values[k + 1] != values[k + 1]
            path += f"{'L' if is_down else 'M'}{short(x(k))} {short(y(value))}{'h.1' if alone and not is_down else ''}"
            is_down = True
    return path


def bars(values: Floats, x: Across, y: Up, colour: str) -> str:
    zero = y(min(max(0.0, y.low), y.high))
    path = "".join(
        f"M{short(x(k))} {short(zero)}V{short(y(value))}" for k, value in enumerate(values.tolist()) if value == value
    )
    return (
        f"<path d='{path}' stroke='{colour}' stroke-width='{short(max(1.0, x.step * 0.6))}' fill='none' opacity='.6'/>"
    )


def marks(picture: Picture, x: Across, y: Up) -> list[str]:
    """Triangles that point at the bars."""
    assert picture.marks is not None
    parts = []
    size = max(3.5, min(x.step * 0.55, 7.0))
    for colour, sign in ((MARK_UP, 1.0), (MARK_DOWN, -1.0)):
        path = ""
        for k in np.flatnonzero(picture.marks * sign > 0).tolist():
            tip = y(picture.low[k]) + 5 if sign > 0 else y(picture.high[k]) - 5
            path += f"M{short(x(k))} {short(tip)}l{short(size)} {short(sign * size * 1.6)}h{short(-2 * size)}z"
        if path:
            parts.append(f"<path d='{path}' fill='{colour}'/>")
    return parts


def panel(picture: Picture, x: Across, top: float, bottom: float) -> list[str]:
    seen = np.concatenate([line.values[np.isfinite(line.values)] for line in picture.panel])
    low, high = (float(np.min(seen)), float(np.max(seen))) if len(seen) else (0.0, 1.0)
    if any(line.kind == "bars" for line in picture.panel):
        low, high = min(low, 0.0), max(high, 0.0)
    if not high > low:
        low, high = low - max(abs(low) * 0.1, 0.5), high + max(abs(high) * 0.1, 0.5)
    least, most = picture.bounds
    if least is not None and most is not None and high - low > 0.25 * (most - least):
        low, high = least, most
    else:
        slack = 0.05 * (high - low)
        low, high = low - slack, high + slack
    y = Up(low, high, bottom, top)
    parts = axis(y, x, 4)
    if low < 0.0 < high:
        parts.append(f"<path d='M{LEFT} {short(y(0.0))}H{WIDTH - RIGHT}' stroke='#9aa3ad' fill='none'/>")
    first = len(picture.overlays)
    parts += drawn(picture.panel, x, y, first)
    parts.append(legend(picture.panel, top - 8, first))
    return parts


def legend(lines: list[Line], y: float, first: int) -> str:
    parts, x = [], LEFT
    place = first
    for line in lines:
        if line.kind == "price":
            colour = "#7d8791"
        else:
            colour = COLOURS[place % len(COLOURS)]
            place += 1
        parts.append(
            f"<rect x='{x}' y='{short(y - 6)}' width='12' height='4' fill='{colour}'/>"
            f"<text x='{x + 16}' y='{short(y)}'>{escape(line.name)}</text>"
        )
        x += 32 + round(6.2 * len(line.name))
    return "".join(parts)
