"""What a result leaves out, said on its first line: GROSS, NO FUNDING, NO BORROW, NO ROLL, ASSUMED INSTRUMENT."""

from __future__ import annotations

from collections.abc import Iterable

from lingua.trading.execution import Execution
from lingua.trading.instrument import Instrument

COMMISSION = (
    "commission", "commission_maker", "commission_per_order", "commission_per_unit", "commission_minimum",
    "commission_tiers", "fees",
)  # fmt: skip
SLIPPAGE = ("slippage", "slippage_ticks", "slippage_volume_share")


def cost_stamps(execution: Execution, instruments: Iterable[Instrument], may_short: bool) -> tuple[str, ...]:
    """The stamps of a run. A cost set to zero on purpose counts as given.

    Args:
        execution: its `is_given` names what the user set; a profile's options count too.
        instruments: of every symbol that may be held.
        may_short: whether the program opens shorts.
    """
    kinds = {instrument.kind for instrument in instruments}
    has_commission, has_slippage = _has(execution, COMMISSION), _has(execution, SLIPPAGE)
    stamps = []
    if not has_commission and not has_slippage:
        stamps.append("GROSS")
    elif not has_commission:
        stamps.append("NO COMMISSION")
    elif not has_slippage:
        stamps.append("NO SLIPPAGE")
    if "perp" in kinds and not _has(execution, ("funding",)):
        stamps.append("NO FUNDING")
    if may_short and kinds & {"stock", "spot"} and not _has(execution, ("borrow",)):
        stamps.append("NO BORROW")
    if "future" in kinds:
        # One series stands for all contracts: going from one to the next is no fill, and costs nothing.
        stamps.append("NO ROLL")
    if assumed := [i.symbol for i in instruments if i.is_assumed]:
        stamps.append(f"ASSUMED INSTRUMENT {', '.join(assumed)}")
    return tuple(stamps)


def _has(execution: Execution, names: tuple[str, ...]) -> bool:
    return any(name in execution.is_given or bool(getattr(execution, name)) for name in names)
