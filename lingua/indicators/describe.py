"""What a declaration says, for people to read: `lingua doc NAME`, hover texts, the reference page."""

from __future__ import annotations

from lingua.indicators.declaration import ANCHORED, IndicatorSpec, OutputSpec, Parameter

UNITS = {
    "none": "a plain number",
    "u0": "the unit of its input",
    "price": "a price",
    "qty": "a quantity",
    "bars": "bars",
}


def describe(spec: IndicatorSpec) -> str:
    """Markdown: signature, summary, formula, parameters with bounds, outputs with units, warm-up, source.

    >>> from lingua.indicators.registry import lookup
    >>> print(describe(lookup("rsi")).splitlines()[0])
    `rsi(source, length = 14)`
    """
    sections = [f"`{signature(spec)}`", spec.summary, f"**Formula** {spec.formula}"]
    if spec.parameters:
        sections.append("\n".join(["**Parameters**", *(f"- {_parameter(each)}" for each in spec.parameters)]))
    sections.append("\n".join(["**Gives**", *(f"- {_output(each, spec)}" for each in spec.outputs)]))
    sections.append(f"**Warm-up** {warmup(spec)}")
    if spec.source:
        sections.append(f"**Source** {spec.source}")
    if spec.aliases:
        sections.append("**Also written** " + ", ".join(f"`{alias}`" for alias in spec.aliases))
    return "\n\n".join(sections)


def signature(spec: IndicatorSpec) -> str:
    """`bbands(source, length = 20, width = 2)`; inputs that are fields of the bar are not written."""
    words = [f"{i.name} = {i.default}" if i.default else i.name for i in spec.inputs if not i.is_implicit]
    words += [
        each.name if each.default is None else f"{each.name} = {_plain(each.default)}" for each in spec.parameters
    ]
    return f"{spec.name}({', '.join(words)})"


def warmup(spec: IndicatorSpec) -> str:
    """Lookback and settle for the defaults; 20 stands for a length that has none."""
    values = {each.name: 20 if each.default is None else each.default for each in spec.parameters}
    assumed = [each.name for each in spec.parameters if each.default is None]
    given = f" (with {' and '.join(assumed)} 20)" if assumed else ""
    lookback, settle = spec.lookback(**values), spec.settle(**values)
    first = f"first value {_bars(lookback)} after the first bar{given}" if lookback else "a value from the first bar on"
    if settle == ANCHORED:
        return f"{first}; anchored: it depends on the first bar for ever"
    if settle == 0:
        return f"{first}; nothing before the window matters"
    return f"{first}; settled {_bars(settle)} later, when the start weighs less than a millionth"


def _bars(count: int) -> str:
    return f"{count:,} bar{'s' if count != 1 else ''}"


def _parameter(each: Parameter) -> str:
    if each.kind == "choice":
        bounds = "one of " + ", ".join(each.choices)
    else:
        kind = "a whole number" if each.kind == "int" else "a number"
        bounds = f"{kind} from {_plain(each.low)} to {_plain(each.high)}"
    default = "" if each.default is None else f", {_plain(each.default)} when left out"
    return f"`{each.name}`: {bounds}{default}"


def _output(each: OutputSpec, spec: IndicatorSpec) -> str:
    name = f"`.{each.name}`: " if len(spec.outputs) > 1 else ""
    if each.kind == "bool":
        return f"{name}a truth"
    whole = ", whole" if each.kind == "int" else ""
    match each.low, each.high:
        case None, None:
            bounds = ""
        case low, None:
            bounds = f", at least {_plain(low)}"
        case None, high:
            bounds = f", at most {_plain(high)}"
        case low, high:
            bounds = f", {_plain(low)} to {_plain(high)}"
    return f"{name}{_unit(each.unit, spec)}{whole}{bounds}"


def _unit(unit: str, spec: IndicatorSpec) -> str:
    if unit in UNITS:
        return UNITS[unit]
    words = unit
    for place, each in enumerate(spec.inputs):
        words = words.replace(f"u{place}", f"unit of {each.name}")
    return words.replace("*", " times ").replace("/", " per ").replace("per bars", "per bar")


def _plain(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return f"{value:,}" if isinstance(value, int) else str(value)
