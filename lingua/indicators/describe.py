"""What a declaration says, for people to read: `lingua doc NAME`, hover texts, the reference pages."""

from __future__ import annotations

from lingua.indicators.declaration import ANCHORED, IndicatorSpec, Input, OutputSpec, Parameter

UNITS = {
    "none": "a plain number",
    "u0": "the unit of its input",
    "price": "a price",
    "qty": "a quantity",
    "bars": "bars",
    "ratio": "a share (0.01 is 1%)",
}


def describe(spec: IndicatorSpec) -> str:
    """Markdown, as an editor shows it: signature, summary, formula, parameters, outputs, warm-up, example, source.

    >>> from lingua.indicators.registry import lookup
    >>> print(describe(lookup("rsi")).splitlines()[0])
    `rsi(source, length = 14)`
    """
    sections = [f"`{signature(spec)}`", spec.summary]
    for title, lines in facts(spec):
        if title == "Example":
            sections.append(f"```lingua\n{lines[0]}\n```")
        elif title in LISTS:
            sections.append("\n".join([f"**{title}**", *(f"- {_quoted(each)}" for each in lines)]))
        else:
            sections.append(f"**{title}** {lines[0]}")
    return "\n\n".join(sections)


def describe_plain(spec: IndicatorSpec) -> str:
    """The same for a terminal, without Markdown; a line a fact."""
    lines = [spec.summary]
    for title, told in facts(spec):
        if title in LISTS:
            lines.append(f"{title.lower()}:")
            lines += [f"  {each}" for each in told]
        else:
            lines.append(f"{title.lower()}: {told[0]}")
    return "\n".join(lines)


def _quoted(line: str) -> str:
    name, colon, text = line.partition(": ")
    return f"`{name}`: {text}" if colon else line


LISTS = ("Parameters", "Gives")
"""Titles of `facts` that have a line each."""


def facts(spec: IndicatorSpec) -> list[tuple[str, tuple[str, ...]]]:
    """Everything a declaration says behind signature and summary: titles, each with its lines."""
    found: list[tuple[str, tuple[str, ...]]] = [("Formula", (spec.formula,))]
    fields = [each.default for each in spec.inputs if each.is_implicit]
    if fields:
        found.append(("Reads", (f"{', '.join(fields)} of the bar",)))
    if spec.parameters:
        found.append(("Parameters", tuple(_parameter(each) for each in spec.parameters)))
    found.append(("Gives", tuple(_output(each, spec) for each in spec.outputs)))
    found.append(("Warm-up", (warmup(spec),)))
    found.append(("Example", (example(spec),)))
    if spec.source:
        found.append(("Source", (spec.source,)))
    if spec.aliases:
        found.append(("Also written", (", ".join(spec.aliases),)))
    return found


def example(spec: IndicatorSpec) -> str:
    """One line of a program that uses it: a call with the defaults, 20 where a length has none, of its first output.

    >>> from lingua.indicators.registry import lookup
    >>> example(lookup("bbands"))
    'indicator x = bbands(close, 20, 2).upper'
    """
    words = [_argument(each) for each in spec.inputs if not each.is_implicit]
    words += [_plain(GIVEN if each.default is None else each.default).replace(",", "") for each in spec.parameters]
    output = f".{spec.outputs[0].name}" if len(spec.outputs) > 1 else ""
    return f"indicator x = {spec.name}({', '.join(words)}){output}"


def _argument(each: Input) -> str:
    if each.kind == "bool":
        return "close > open"
    return each.default or WRITTEN.get(each.name, "close")


GIVEN = 20
"""The length in examples and figures where the declaration has no default."""
WRITTEN = {"periods": "mod(bar, 20) + 5", "other": "open", "right": "open"}
"""Inputs that are not `close` in examples."""


def defaults(spec: IndicatorSpec) -> dict[str, float | int | str]:
    """Every parameter as in `example`."""
    return {each.name: GIVEN if each.default is None else each.default for each in spec.parameters}


def record(spec: IndicatorSpec) -> dict[str, object]:
    """The declaration as plain data, for `--json`; lookback and settle are those of `defaults`."""
    values = defaults(spec)
    settle = spec.settle(**values)
    return {
        "name": spec.name,
        "signature": signature(spec),
        "group": spec.group,
        "aliases": list(spec.aliases),
        "summary": spec.summary,
        "formula": spec.formula,
        "source": spec.source,
        "inputs": [
            {"name": i.name, "kind": i.kind, "unit": i.unit, "default": i.default or None, "implicit": i.is_implicit}
            for i in spec.inputs
        ],
        "parameters": [
            {"name": p.name, "kind": p.kind, "default": p.default}
            | ({"choices": list(p.choices)} if p.kind == "choice" else {"low": p.low, "high": p.high})
            for p in spec.parameters
        ],
        "outputs": [
            {"name": o.name, "unit": o.unit, "kind": o.kind, "low": o.low, "high": o.high} for o in spec.outputs
        ],
        "assumed": values,
        "lookback": spec.lookback(**values),
        "settle": settle if settle != ANCHORED else None,
        "is_anchored": settle == ANCHORED,
        "example": example(spec),
    }


def signature(spec: IndicatorSpec) -> str:
    """`bbands(source, length = 20, width = 2)`; inputs that are fields of the bar are not written."""
    words = [f"{i.name} = {i.default}" if i.default else i.name for i in spec.inputs if not i.is_implicit]
    words += [
        each.name if each.default is None else f"{each.name} = {_plain(each.default)}" for each in spec.parameters
    ]
    return f"{spec.name}({', '.join(words)})"


def warmup(spec: IndicatorSpec) -> str:
    """Lookback and settle for the defaults; 20 stands for a length that has none."""
    values = defaults(spec)
    assumed = [each.name for each in spec.parameters if each.default is None]
    given = f" (with {' and '.join(assumed)} {GIVEN})" if assumed else ""
    lookback, settle = spec.lookback(**values), spec.settle(**values)
    first = f"first value {_bars(lookback)} after the first bar{given}" if lookback else "a value from the first bar on"
    if settle == ANCHORED:
        events = [each.name for each in spec.inputs if each.kind == "bool"]
        if events and lookback == 0:
            first = f"a value once {' and '.join(events)} has been true"
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
    return f"{each.name}: {bounds}{default}"


def _output(each: OutputSpec, spec: IndicatorSpec) -> str:
    name = f".{each.name}: " if len(spec.outputs) > 1 else ""
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
