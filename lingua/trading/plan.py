# cython: language_level=3

"""The program as the step reads it: rules, actions, exits and limits with registers in place of expressions.

A slot is a register number; -1 stands for what was not written. Rules, tags and limits are numbers into lists that
`setup` keeps. Everything here is fixed before the first bar.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lingua.trading import shim as cython
from lingua.trading.shim import COMPILING

if TYPE_CHECKING:
    from lingua.trading.execution import Execution
if not TYPE_CHECKING and COMPILING:
    import cython
if cython.compiled:
    if not TYPE_CHECKING:
        from cython.cimports.lingua.trading.codes import BUY, SHORT, TARGET
else:
    from lingua.trading.codes import BUY, SHORT, TARGET


@cython.final
@cython.auto_pickle(False)
@cython.cclass
class ExitSpec:
    """`is_late`: the level reads fills, so it is evaluated at the first close after the fill; `is_entry`: it is the
    unit's own fill price (`stop at entry`)."""

    def __init__(
        self, kind: cython.int, form: cython.int, slot: cython.Py_ssize_t, closing_slot: cython.Py_ssize_t,
        closing_is_quantity: bool, after_form: cython.int, after_slot: cython.Py_ssize_t, from_last: bool,
        is_fixed: bool, life: cython.int, life_slot: cython.Py_ssize_t, is_late: bool, is_entry: bool,
    ) -> None:  # fmt: skip
        self.kind = kind
        self.form = form
        self.slot = slot
        self.closing_slot = closing_slot
        self.closing_is_quantity = closing_is_quantity
        self.after_form = after_form
        self.after_slot = after_slot
        self.from_last = from_last
        self.is_fixed = is_fixed
        self.life = life
        self.life_slot = life_slot
        self.is_late = is_late
        self.is_entry = is_entry


@cython.final
@cython.auto_pickle(False)
@cython.cclass
class ActionSpec:
    """`market` -1 is the traded symbol, else the index of a leg's market; `cancel_rule` -1 is every rule."""

    def __init__(
        self, index: cython.int, verb: cython.int, market: cython.int, amount: cython.int,
        amount_slot: cython.Py_ssize_t, kind: cython.int, limit_slot: cython.Py_ssize_t, stop_slot: cython.Py_ssize_t,
        show_slot: cython.Py_ssize_t, life: cython.int, life_slot: cython.Py_ssize_t, exits: list[ExitSpec],
        tag: cython.int, cancel_rule: cython.int,
    ) -> None:  # fmt: skip
        self.index = index
        self.verb = verb
        self.market = market
        self.amount = amount
        self.amount_slot = amount_slot
        self.kind = kind
        self.limit_slot = limit_slot
        self.stop_slot = stop_slot
        self.show_slot = show_slot
        self.life = life
        self.life_slot = life_slot
        self.exits = exits
        self.tag = tag
        self.cancel_rule = cancel_rule


@cython.final
@cython.auto_pickle(False)
@cython.cclass
class GroupSpec:
    """Actions that belong together: all or none (`&`, `is_atomic`) or one cancels other (`|`, `is_either`)."""

    def __init__(self, actions: list[ActionSpec], is_atomic: bool, is_either: bool) -> None:
        verbs = [action.verb for action in actions]
        self.actions = actions
        self.is_atomic = is_atomic
        self.is_either = is_either
        self.increases = BUY in verbs or SHORT in verbs
        self.targets = TARGET in verbs


@cython.final
@cython.auto_pickle(False)
@cython.cclass
class RuleSpec:
    def __init__(
        self, index: cython.int, condition: cython.Py_ssize_t, group: GroupSpec, otherwise: Any, is_once: bool,
        tick: cython.Py_ssize_t,
    ) -> None:  # fmt: skip
        self.index = index
        self.condition = condition
        self.group = group
        self.otherwise: GroupSpec | None = otherwise
        self.is_once = is_once
        self.tick = tick


@cython.final
@cython.auto_pickle(False)
@cython.cclass
class LimitSpec:
    """`value` is a share, a count, or for holding and cooldown a length in `unit` (LAST_BARS …)."""

    def __init__(
        self, kind: cython.int, value: cython.double, per: cython.int, effect: cython.int, lasting: cython.int,
        lasting_value: cython.double, unit: cython.int,
    ) -> None:  # fmt: skip
        self.kind = kind
        self.value = value
        self.per = per
        self.effect = effect
        self.lasting = lasting
        self.lasting_value = lasting_value
        self.unit = unit


@cython.final
@cython.auto_pickle(False)
@cython.cclass
class Options:
    """`execution.Execution` and the strategy's own settings, in plain numbers."""

    def __init__(self, execution: Execution, direction: cython.int, pyramid: tuple[int, int, int]) -> None:
        self.slippage = execution.slippage
        self.slippage_ticks = execution.slippage_ticks
        self.slippage_volume_share = execution.slippage_volume_share
        self.commission = execution.commission
        maker = execution.commission_maker
        self.commission_maker = execution.commission if maker is None else maker
        self.has_maker = maker is not None
        self.commission_per_order = execution.commission_per_order
        self.commission_per_unit = execution.commission_per_unit
        self.commission_minimum = execution.commission_minimum
        most, share = execution.commission_maximum, execution.commission_maximum_share
        self.has_maximum = most is not None or share is not None
        self.commission_maximum = float("inf") if most is None else most
        self.commission_maximum_share = float("inf") if share is None else share
        self.tiers: list[tuple[float, float]] = [(float(a), float(b)) for a, b in execution.commission_tiers]
        self.latency_bars = execution.latency_bars
        self.latency_ns = round(execution.latency_s * 1e9)
        self.leg_timeout_ns = round(min(execution.leg_timeout_s, 1e9) * 1e9)
        self.unwinds = execution.on_broken == "unwind"
        self.fill_share = execution.fill_share
        self.fills_on_touch = execution.limit_fill == "touch"
        self.through_ticks = execution.limit_through_ticks
        self.funding = execution.funding
        self.borrow = execution.borrow
        self.interest = execution.interest
        self.rebalance = execution.rebalance
        self.has_cash_buffer = execution.cash_buffer is not None
        self.cash_buffer = execution.cash_buffer or 0.0
        self.sizes_at_fill = execution.size_at == "fill"
        self.guards_from_next_bar = execution.stops_from == "next_bar"
        self.is_favourable = execution.intrabar == "favourable"
        self.max_gap = execution.max_gap
        self.direction = direction
        self.pyramid_units, self.pyramid_form, self.pyramid_slot = pyramid
