"""`--set fast=10`, `using n: 3`: values given from outside, checked against what the parameter is and may be."""

from __future__ import annotations

from lingua.data.timeframe import Timeframe
from lingua.diagnostics.codes import parameters as codes
from lingua.diagnostics.diagnostic import Problems
from lingua.diagnostics.suggest import did_you_mean
from lingua.ir.program import ParamDecl, ParamValue
from lingua.ir.units import NONE, RATIO, Unit
from lingua.semantics.context import Context
from lingua.syntax.source import Span

WANTED = {
    "num": "a number", "int": "a whole number", "bool": "`true` or `false`", "timeframe": "a timeframe such as `1h`",
    "string": "a text", "function": "the name of a function", "time": "a time",
}  # fmt: skip


def fitted(
    ctx: Context,
    declared: ParamDecl,
    given: ParamValue,
    domain: str,
    span: Span | None = None,
    *,
    is_free: bool = False,
) -> ParamValue | None:
    """`given` as a value the parameter can have in this run; None after a report. With `is_free` (a test) a number may
    lie outside the domain, which is there for searching."""
    place = span or declared.span
    value = converted(declared, given)
    if value is None:
        ctx.problems.add(
            codes.OVERRIDE_KIND, place, name=declared.name, wanted=WANTED[declared.kind], value=shown(given),
            help=f"give for example `{declared.name}={example(declared)}`",
        )  # fmt: skip
        return None
    if not allows(declared, value) and not (is_free and declared.kind not in ("function", "string")):
        ctx.problems.add(
            codes.OVERRIDE_DOMAIN, place, value=shown(given), domain=domain, name=declared.name,
            help=f"choose a value of {domain}, or widen the domain in the program",
        )  # fmt: skip
        return None
    return value


def converted(declared: ParamDecl, given: ParamValue) -> ParamValue | None:
    """`given` in the kind of the parameter, None where it is another."""
    match declared.kind:
        case "bool":
            return given if isinstance(given, bool) else None
        case "int" | "num" | "time":
            if isinstance(given, bool) or not isinstance(given, int | float) or given != given or abs(given) > 1e300:
                return None
            if declared.kind == "int":
                return int(given) if float(given).is_integer() and abs(given) <= 2**53 else None
            return float(given)
        case "timeframe":
            return given if isinstance(given, str) and _is_timeframe(given) else None
        case "function":
            return given if isinstance(given, str) and given.isidentifier() else None
        case _:
            return str(given) if isinstance(given, str) else None


def allows(declared: ParamDecl, value: ParamValue) -> bool:
    if declared.values is not None:
        return any(value == other and isinstance(value, bool) == isinstance(other, bool) for other in declared.values)
    if declared.low is not None and declared.high is not None and isinstance(value, int | float):
        return declared.low <= value <= declared.high
    return declared.kind != "function" or value == declared.default


def report_unknown(problems: Problems, name: str, known: list[str], span: Span) -> None:
    near = did_you_mean(name, known)
    listed = ", ".join(f"`{each}`" for each in known)
    help = f"did you mean `{near}`?" if near else f"there are {listed}" if known else "this program has no `param`"
    problems.add(codes.NO_PARAMETER, span, name=name, help=help)


def domain_of(declared: ParamDecl) -> str:
    """`7..28` or `{ema, sma}`."""
    unit = RATIO if declared.unit == "ratio" else NONE
    if declared.values is not None:
        return "{" + ", ".join(value_text(value, unit) for value in declared.values[:12]) + "}"
    if declared.low is not None and declared.high is not None:
        return f"{value_text(declared.low, unit)}..{value_text(declared.high, unit)}"
    return value_text(declared.default, unit)


def example(declared: ParamDecl) -> str:
    unit = RATIO if declared.unit == "ratio" else NONE
    return value_text(declared.default, unit)


def value_text(value: object, unit: Unit = NONE) -> str:
    """A value as it is written: `14`, `2%`, `1h`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value * 100:.10g}%" if unit == RATIO else f"{value:.12g}"
    return str(value)


def shown(given: ParamValue) -> str:
    text = value_text(given)
    return f'"{text[:40]}"' if isinstance(given, str) else text


def _is_timeframe(text: str) -> bool:
    try:
        Timeframe.parse(text)
    except ValueError:
        return False
    return True
