"""What a reader must know before believing a result, each with the change that mends it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from lingua.report.format import count, day, instant, money, percent

if TYPE_CHECKING:
    from lingua.backtest.result import Result

AMBIGUOUS_LIMIT = 0.05
LARGE_ORDER = 0.05
FEW_TRADES = 30


@dataclass(frozen=True, slots=True)
class Finding:
    """`level` warning: the figures may mislead; note: worth knowing."""

    level: Literal["warning", "note"]
    text: str
    mend: str = ""


STAMP_MEANING = {
    "GROSS": ("no commission and no slippage are counted", "execution { commission: 10bp; slippage: 2bp }"),
    "NO COMMISSION": ("slippage is counted, commission is not", "execution { commission: 10bp }"),
    "NO SLIPPAGE": ("commission is counted, slippage is not", "execution { slippage: 2bp }"),
    "NO FUNDING": ("perpetual positions pay no funding here", "execution { funding: 1bp }"),
    "NO BORROW": ("shorts borrow for nothing here", "execution { borrow: 3% per year }"),
    "ASSUMED INSTRUMENT": ("tick, lot and margin are assumed", "describe the symbol in lingua.toml"),
}


def stamp_meaning(stamp: str) -> tuple[str, str]:
    """(what a stamp means, what mends it); empty texts for one not known here."""
    return next((text for name, text in STAMP_MEANING.items() if stamp.startswith(name)), ("", ""))


def findings(run: Result) -> list[Finding]:
    """Warnings first, most serious first."""
    found = [*_ends(run), *_rounded(run), *_trust(run)]
    found += [Finding("note", note) for note in run.notes]
    return sorted(found, key=lambda one: one.level == "note")


def _ends(run: Result) -> list[Finding]:
    found = []
    ledger = run.ledger
    if ledger.ruined_at is not None:
        found.append(
            Finding("warning", f"Equity reached zero on {day(run.stamp_of(ledger.ruined_at))}; the run ended there.")
        )
    liquidations = run.liquidations
    if liquidations:
        text = f"{liquidations} position{'s were' if liquidations > 1 else ' was'} liquidated for want of margin."
        found.append(Finding("warning", text, "smaller amounts, or max_exposure in the risk block"))
    if ledger.halted_at is not None:
        text = f"A risk limit halted new entries on {day(run.stamp_of(ledger.halted_at))}."
        found.append(Finding("warning", text, "figures after that day describe a strategy at rest"))
    if run.start >= run.instants:
        text = f"The rules were never live: {count(run.instants)} bars are fewer than the indicators need."
        found.append(Finding("warning", text, "more data, shorter windows, or see `lingua check -v`"))
    elif not run.trade_rows:
        found.append(
            Finding("warning", "No trade was made.", "lingua explain FILE RULE --misses shows the near misses")
        )
    return found


SCALING = ("all", "equity", "cash", "allocation", "risk")


def _rounded(run: Result) -> list[Finding]:
    """Entries whose quantity was less than one lot, and the capital with which it would not have been."""
    lost = [e for e in run.events_of("zero_rounded") if e.price == e.price and e.quantity > 0]
    if not lost:
        return []
    # A rule's amounts grow with the account unless they are counted in shares or money.
    grows = {
        rule.name
        for rule in run.program.rules
        if all(action.amount is None or action.amount.kind in SCALING for action in rule.group.actions)
    }
    needed = [
        # Without a lot of its own an instrument is rounded to whole units.
        run.capital * (run.instruments[e.symbol].lot or 1.0) / e.quantity
        for e in lost
        if e.rule in grows
    ]  # fmt: skip
    text = f"{count(len(lost))} entries rounded down to nothing"
    if len(needed) < len(lost):
        return [Finding("warning", f"{text}.", "larger amounts, or an instrument with smaller lots")]
    need = f"the first needs a capital of about {money(up_to(min(needed)))}, all of them {money(up_to(max(needed)))}"
    return [Finding("warning", f"{text}: {need}.", f"--capital {up_to(max(needed)):.0f}, or larger amounts")]


def up_to(value: float) -> float:
    """Two leading digits, rounded up.

    >>> up_to(84_123.0)
    85000.0
    """
    step = 10.0 ** (math.floor(math.log10(value)) - 1)
    return math.ceil(value / step) * step


def _trust(run: Result) -> list[Finding]:
    found = []
    m = run.metrics
    early = m["trades_before_settle"]
    if early:
        trades = len(run.trips)
        text = f"{count(early)} of {count(trades)} trades were entered before the indicators had settled."
        found.append(Finding("warning", text, "execution { warmup: settled }, or start the data earlier"))
    share = m["ambiguous_share"]
    if share > AMBIGUOUS_LIMIT:
        text = f"{percent(share, 1)} of fills could not be decided inside their bar ({count(m['ambiguous_fills'])})."
        found.append(Finding("warning", text, "execution { detail: 1m } with minute bars, or --envelope"))
    if (
        m["break_even_cost_bp"] == m["break_even_cost_bp"]
        and m["break_even_cost_bp"] > 0
        and "GROSS" in (run.stamps or ())
    ):
        text = (
            f"A round trip may cost at most {m['break_even_cost_bp']:,.1f} bp before the average trade earns nothing."
        )
        found.append(Finding("note", text))
    # What brokers of currencies give as a volume counts changes of their price.
    if m["largest_order_share"] > LARGE_ORDER and any(each.kind != "fx" for each in run.instruments):
        text = f"The largest order was {percent(m['largest_order_share'], 0)} of its bar's volume."
        found.append(Finding("warning", text, "execution { fill_share: 5% } or less capital"))
    if 0 < m["trades"] < FEW_TRADES:
        found.append(
            Finding(
                "note", f"{count(m['trades'])} trades are few: averages over fewer than {FEW_TRADES} move with luck."
            )
        )
    if m["trades"] >= FEW_TRADES and m["total_return"] > 0 > m["return_without_best_five"]:
        text = f"Without its five best trades the return is {percent(m['return_without_best_five'], 1, sign=True)}."
        found.append(Finding("note", text))
    if m["realised_risk_r"] > 1.25:
        text = f"Trades that left by their stop lost {m['realised_risk_r']:.2f} R on average"
        found.append(Finding("note", f"{text}: gaps and costs took more than planned."))
    opened = run.open_entries
    if opened:
        text = f"{len(opened)} trade{'s are' if len(opened) > 1 else ' is'} still open, marked at the last close"
        found.append(Finding("note", f"{text} (entered {instant(opened[0])})." if len(opened) == 1 else f"{text}."))
    return found
