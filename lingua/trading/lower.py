"""From the checked program to the step's plan: rules, actions, exits and limits with registers for expressions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from lingua.ir import program as ir
from lingua.ir.nodes import Node
from lingua.ir.units import MONEY, QTY
from lingua.trading import codes, plan
from lingua.trading.execution import Execution

Slots = Callable[[Node], int]

AMOUNTS = {
    "qty": codes.BY_QUANTITY,
    "money": codes.BY_MONEY,
    "equity": codes.BY_EQUITY,
    "cash": codes.BY_CASH,
    "position": codes.BY_POSITION,
    "allocation": codes.BY_ALLOCATION,
    "risk": codes.BY_RISK,
    "all": codes.BY_ALL,
}
LIMITS = {
    "max_drawdown": (codes.MAX_DRAWDOWN, codes.PER_RUN),
    "hourly_loss": (codes.MAX_LOSS, codes.PER_HOUR),
    "daily_loss": (codes.MAX_LOSS, codes.PER_SESSION),
    "weekly_loss": (codes.MAX_LOSS, codes.PER_WEEK),
    "monthly_loss": (codes.MAX_LOSS, codes.PER_MONTH),
    "quarterly_loss": (codes.MAX_LOSS, codes.PER_QUARTER),
    "yearly_loss": (codes.MAX_LOSS, codes.PER_YEAR),
    "max_orders": (codes.MAX_ORDERS, codes.PER_RUN),
    "max_exposure": (codes.MAX_EXPOSURE, codes.PER_RUN),
    "max_weight": (codes.MAX_WEIGHT, codes.PER_RUN),
    "max_open": (codes.MAX_OPEN, codes.PER_RUN),
    "max_open_risk": (codes.MAX_OPEN_RISK, codes.PER_RUN),
    "max_turnover": (codes.MAX_TURNOVER, codes.PER_RUN),
    "max_holding": (codes.MAX_HOLDING, codes.PER_RUN),
    "cooldown": (codes.COOLDOWN, codes.PER_RUN),
}
"""Names of the risk block, with the kind of limit and the period that the name itself tells."""

PERIODS = {
    "": codes.PER_RUN,
    "hour": codes.PER_HOUR,
    "day": codes.PER_SESSION,
    "session": codes.PER_SESSION,
    "week": codes.PER_WEEK,
    "month": codes.PER_MONTH,
    "quarter": codes.PER_QUARTER,
    "year": codes.PER_YEAR,
}
EFFECTS = {"limit": codes.TO_LIMIT, "halt": codes.TO_HALT, "flatten": codes.TO_FLATTEN}
LASTING = {"sessions": codes.LAST_SESSIONS, "seconds": codes.LAST_SECONDS, "bars": codes.LAST_BARS}
DIRECTIONS = {"long": 1, "short": -1, "both": 0}


@dataclass(slots=True)
class Lowered:
    """The plan, and the names its numbers stand for."""

    rules: list[plan.RuleSpec] = field(default_factory=list)
    filters: list[int] = field(default_factory=list)
    limits: list[plan.LimitSpec] = field(default_factory=list)
    options: plan.Options | None = None
    rule_names: list[str] = field(default_factory=list)
    filter_names: list[str] = field(default_factory=list)
    limit_names: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    exits: list[plan.ExitSpec] = field(default_factory=list)
    """Every exit of the program, so that a snapshot can name one by its number."""
    spreads_by_volume: bool = False
    """Whether an order is sent in slices by the volume that bars usually have."""


def lower(program: ir.Program, slot_of: Slots, markets: Mapping[str, int], execution: Execution) -> Lowered:
    """`markets` gives the market index of each leg's alias. Raises ValueError for what the step does not know."""
    out = Lowered()
    out.rule_names = [rule.name for rule in program.rules]
    out.filter_names = [filter_.name for filter_ in program.filters]
    out.limit_names = [limit.name for limit in program.limits]
    slots = _Slots(slot_of)
    for index, rule in enumerate(program.rules):
        group = _group(rule.group, program, slots, markets, out)
        otherwise = None if rule.otherwise is None else _group(rule.otherwise, program, slots, markets, out)
        condition = slots(rule.condition)
        out.rules.append(plan.RuleSpec(index, condition, group, otherwise, rule.once, slots(rule.tick)))
    out.filters = [slots(filter_.condition) for filter_ in program.filters]
    out.limits = [_limit(limit) for limit in program.limits]
    pyramid = (1, codes.IN_NOTHING, -1)
    if program.pyramid is not None:
        step = program.pyramid.step
        pyramid = (program.pyramid.units, codes.FORMS.index(step.form), slots(step.value))
    out.options = plan.Options(execution, DIRECTIONS[program.direction], pyramid)
    return out


class _Slots:
    """`slot_of` that answers -1 for what was not written."""

    def __init__(self, slot_of: Slots) -> None:
        self.slot_of = slot_of

    def __call__(self, node: Node | None) -> int:
        return -1 if node is None else int(self.slot_of(node))


def _group(
    group: ir.GroupPlan, program: ir.Program, slots: _Slots, markets: Mapping[str, int], out: Lowered
) -> plan.GroupSpec:
    many = len(group.actions) > 1
    actions = [_action(action, program, slots, markets, out) for action in group.actions]
    return plan.GroupSpec(actions, many and group.joined_by == "&", many and group.joined_by == "|")


def _action(
    action: ir.ActionPlan, program: ir.Program, slots: _Slots, markets: Mapping[str, int], out: Lowered
) -> plan.ActionSpec:
    amount = action.amount
    increases = action.verb in ("buy", "short")
    if increases and amount.kind == "all" and program.size is not None:
        amount = program.size
    exits: Sequence[ir.ExitPlan] = ()
    if increases or action.verb == "target":
        exits = action.exits or program.protect
    tag = -1
    if action.tag:
        if action.tag not in out.tags:
            out.tags.append(action.tag)
        tag = out.tags.index(action.tag)
    cancel_rule = -1
    if action.cancel_rule:
        if action.cancel_rule not in out.rule_names:
            raise ValueError(f"cancel names no rule: {action.cancel_rule!r}")
        cancel_rule = out.rule_names.index(action.cancel_rule)
    order = action.order
    out.spreads_by_volume = out.spreads_by_volume or order.kind == "vwap"
    life, life_slot = _life(order.life, slots)
    specs = [_exit(exit_, slots) for exit_ in exits]
    out.exits += specs
    return plan.ActionSpec(
        len(out.exits), codes.VERBS.index(action.verb), markets[action.source] if action.source else -1,
        _amount(amount), slots(amount.value), codes.ORDER_KINDS.index(order.kind), slots(order.limit),
        slots(order.stop), slots(order.show), life, life_slot, specs, tag, cancel_rule,
    )  # fmt: skip


def _amount(amount: ir.AmountPlan) -> int:
    kind = AMOUNTS[amount.kind]
    if kind == codes.BY_RISK and amount.value is not None and amount.value.unit == MONEY:
        return codes.BY_RISK_MONEY
    return kind


def _life(life: ir.LifePlan | None, slots: _Slots) -> tuple[int, int]:
    if life is None or life.kind == "bar":
        return codes.LIFE_BARS, -1
    if life.kind == "gtc":
        return codes.LIFE_GTC, -1
    return (codes.LIFE_BARS if life.kind == "bars" else codes.LIFE_SECONDS), slots(life.value)


def _exit(exit_: ir.ExitPlan, slots: _Slots) -> plan.ExitSpec:
    form, slot, is_late, is_entry = codes.IN_NOTHING, -1, False, False
    if exit_.distance is not None:
        node = exit_.distance.value
        form, slot = codes.FORMS.index(exit_.distance.form), slots(node)
        # `stop at entry` is the unit's own fill; other levels that read fills wait for the first close after it.
        is_entry = form == codes.IN_LEVEL and node.op == "account" and bool(node.attrs) and node.attrs[0] == "entry"
        is_late = node.uses_fills and not is_entry
    after_form, after_slot = codes.IN_NOTHING, -1
    if exit_.after is not None:
        after_form, after_slot = codes.FORMS.index(exit_.after.form), slots(exit_.after.value)
    closing_is_quantity = exit_.closing is not None and exit_.closing.unit == QTY
    life, life_slot = _life(exit_.life, slots)
    return plan.ExitSpec(
        codes.EXIT_KINDS.index(exit_.kind), form, slot, slots(exit_.closing), closing_is_quantity, after_form,
        after_slot, exit_.from_last, exit_.fixed, life, life_slot, is_late, is_entry,
    )  # fmt: skip


def _limit(limit: ir.LimitPlan) -> plan.LimitSpec:
    if limit.name not in LIMITS:
        raise ValueError(f"the risk block has no limit {limit.name!r}; it knows {', '.join(LIMITS)}")
    kind, per = LIMITS[limit.name]
    if limit.per:
        if limit.per not in PERIODS:
            raise ValueError(f"{limit.name}: no period {limit.per!r}; it is one of {', '.join(filter(None, PERIODS))}")
        per = PERIODS[limit.per]
    lasting, value = codes.LAST_FOREVER, 0.0
    if limit.lasting is not None:
        lasting, value = LASTING[limit.lasting[0]], float(limit.lasting[1])
    unit = LASTING.get(limit.unit, codes.LAST_BARS)
    return plan.LimitSpec(kind, float(limit.value), per, EFFECTS[limit.effect], lasting, value, unit)
