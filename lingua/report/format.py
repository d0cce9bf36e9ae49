"""Figures as people read them: signs, thousands, `na`. Numbers that leave for machines never pass through here."""

from __future__ import annotations

import math
from datetime import UTC, datetime

from lingua.backtest.metric import METRICS, Unit
from lingua.backtest.times import SECOND

NA = "na"


def percent(value: float, digits: int = 2, sign: bool = False) -> str:
    """`0.1234` as `12.34 %`."""
    return NA if math.isnan(value) else f"{100 * value:{'+' if sign else ''},.{digits}f} %"


def money(value: float, sign: bool = False) -> str:
    """Two decimals below ten thousand, none above, thousands apart, millions and more in short form."""
    if math.isnan(value):
        return NA
    size = abs(value)
    form = "+" if sign and value else ""
    for limit, divisor, letter in ((1e15, 0, ""), (1e12, 1e12, "T"), (1e9, 1e9, "B"), (1e8, 1e6, "M")):
        if size >= limit:
            return f"{value / divisor:{form},.2f}{letter}" if divisor else f"{value:{form}.3e}"
    return f"{value:{form},.0f}" if size >= 1e4 else f"{value:{form},.2f}"


def price(value: float | None) -> str:
    """Up to eight digits that mean something."""
    if value is None or math.isnan(value):
        return NA
    if value == 0:
        return "0"
    decimals = min(max(2, 6 - math.floor(math.log10(abs(value)))), 10)
    text = f"{value:,.{decimals}f}"
    whole, _, fraction = text.partition(".")
    return f"{whole}.{fraction.rstrip('0').ljust(2, '0')}"


def number(value: float, digits: int = 2, sign: bool = False) -> str:
    return NA if math.isnan(value) else f"{value:{'+' if sign else ''},.{digits}f}"


def count(value: float) -> str:
    return NA if math.isnan(value) else f"{value:,.0f}"


def by_unit(value: float, unit: Unit) -> str:
    """A figure in the form its unit asks for."""
    match unit:
        case "share":
            return percent(value)
        case "money":
            return money(value)
        case "bp":
            return f"{number(value, 1)} bp" if value == value else NA
        case "R":
            return f"{number(value)} R" if value == value else NA
        case "bars" | "days":
            return number(value, 0 if value == round(value) or abs(value) >= 100 else 1) if value == value else NA
        case "times":
            return f"{number(value, 1)}×" if value == value else NA
        case "count" | "sessions":
            return count(value)
        case "ratio":
            return number(value)


def figure(name: str, value: float) -> str:
    """The metric `name`, formatted."""
    return by_unit(value, METRICS[name].unit)


def day(ts: int) -> str:
    """The date of a bar that closes at `ts`: midnight belongs to the day that ends there."""
    return datetime.fromtimestamp((ts - 1) // SECOND, tz=UTC).strftime("%Y-%m-%d")


def instant(ts: int | None) -> str:
    """`2024-03-01 14:30`, seconds when there are any, the date alone for midnight; UTC."""
    if ts is None:
        return ""
    moment = datetime.fromtimestamp(ts // SECOND, tz=UTC)
    if moment.hour == moment.minute == moment.second == 0:
        return moment.strftime("%Y-%m-%d")
    return moment.strftime("%Y-%m-%d %H:%M:%S" if moment.second else "%Y-%m-%d %H:%M")


def duration(days: float) -> str:
    """Days as years, days, hours or minutes, whichever reads best."""
    if math.isnan(days):
        return NA
    if days >= 730:
        return f"{days / 365.25:.1f} y"
    if days >= 2 or days == 0:
        return f"{days:,.0f} d"
    return f"{days * 24:,.0f} h" if days >= 2 / 24 else f"{days * 1440:,.0f} min"
