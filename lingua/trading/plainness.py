"""Which strategies `plain.Plain` may walk: one symbol, long, whole units in and out at the market, fixed exits."""

from __future__ import annotations

from collections.abc import Sequence

from lingua.trading import codes, opcodes
from lingua.trading.account import Book
from lingua.trading.decide import Decider
from lingua.trading.limits import Limits
from lingua.trading.market import Market
from lingua.trading.plain import Plain
from lingua.trading.plan import ActionSpec, ExitSpec, GroupSpec, Options, RuleSpec
from lingua.trading.rows import Rows

AMOUNTS = (
    codes.BY_ALL, codes.BY_QUANTITY, codes.BY_MONEY, codes.BY_EQUITY, codes.BY_CASH, codes.BY_ALLOCATION, codes.BY_RISK,
)  # fmt: skip


def plain_walk(
    book: Book, limits: Limits, decider: Decider, changes: Rows, holdings: Rows, largest_gap: int, is_adjusted: bool,
    lowest: float,
) -> Plain | None:  # fmt: skip
    """The fast way through the bars of this run, or None where only the general step knows the way. `is_adjusted`:
    splits or dividends happen. `lowest`: see `Plain`."""
    if len(book.markets) != 1 or len(decider.evaluators) != 1 or limits.limits or is_adjusted:
        return None
    evaluator, market, options = decider.evaluators[0], book.markets[0], book.options
    if evaluator.is_stateful or evaluator.count or decider.watch or decider.has_once or book.is_given:
        return None
    if not (_is_plain_market(market) and _are_plain(options, market)):
        return None
    if largest_gap > options.max_gap:
        return None
    # Account values come first in the register file; then constants, then the columns.
    first = len(opcodes.ACCOUNT)
    filters = list(decider.filters)
    rows = [_rule(rule) for rule in decider.rules]
    if any(row is None for row in rows) or any(slot < first for slot in filters):
        return None
    found = [row for row in rows if row is not None]
    for row in found:
        if row[1] < first or any(0 <= row[k] < first for k in (2, 5, 8, 10)):
            return None
    return Plain(book, evaluator, found, filters, decider.starts[0], decider.settles[0], changes, holdings, lowest)


def _is_plain_market(market: Market) -> bool:
    return not market.has_detail and market.initial_margin == 1.0 and not market.fee_in_base


def _are_plain(options: Options, market: Market) -> bool:
    return not (
        options.tiers
        or options.has_maximum
        or options.latency_bars
        or options.latency_ns
        or options.fill_share
        or options.slippage_volume_share
        or options.interest
        or (options.funding and market.is_perp)
        or options.is_favourable
        or options.direction < 0
        or options.pyramid_units > 1
    )


def _rule(rule: RuleSpec) -> list[int] | None:
    """The numbers of a rule, in the order of `plain.P_*`."""
    group: GroupSpec = rule.group
    if rule.otherwise is not None or rule.is_once or len(group.actions) != 1:
        return None
    action: ActionSpec = group.actions[0]
    if action.kind != codes.AT_MARKET or action.market >= 0 or action.show_slot >= 0:
        return None
    if action.verb in (codes.SELL, codes.CLOSE):
        if action.amount != codes.BY_ALL:
            return None
        return [0, rule.condition, rule.tick, rule.index, action.amount, -1, action.tag, *_NO_EXIT, *_NO_EXIT]
    if action.verb != codes.BUY or action.amount not in AMOUNTS:
        return None
    stop = _exit(action.exits, codes.STOP_EXIT)
    target = _exit(action.exits, codes.TARGET_EXIT)
    others = any(spec.kind not in (codes.STOP_EXIT, codes.TARGET_EXIT) for spec in action.exits)
    if stop is None or target is None or others or stop[0] == codes.IN_R:
        return None
    if action.amount == codes.BY_RISK and stop[0] == codes.IN_NOTHING:
        return None
    if target[0] == codes.IN_R and stop[0] == codes.IN_NOTHING:
        return None
    return [
        1, rule.condition, rule.tick, rule.index, action.amount, action.amount_slot, action.tag, *stop, *target,
    ]  # fmt: skip


_NO_EXIT = (codes.IN_NOTHING, -1)


def _exit(exits: Sequence[ExitSpec], kind: int) -> tuple[int, int] | None:
    """(form, slot) of the only exit of this kind that closes all; None where there is another."""
    own = [spec for spec in exits if spec.kind == kind]
    if not own:
        return _NO_EXIT
    spec = own[0]
    if len(own) > 1 or spec.closing_slot >= 0 or spec.after_form != codes.IN_NOTHING or spec.from_last:
        return None
    return None if spec.is_late or spec.is_entry else (spec.form, spec.slot)
