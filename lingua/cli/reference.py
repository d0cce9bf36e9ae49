"""Everything that has a name, with what it means: read by `lingua doc` and by the reference page.

Nothing is written down twice: indicators come from their declarations, figures from theirs, options of the `execution`
block from the record that holds their defaults, codes from the catalogue. Words of the language are in `words.py`.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lingua.indicators.declaration import IndicatorSpec


@dataclass(frozen=True, slots=True)
class Entry:
    """`kind` is word, function, figure, option or code; `signature` is how it is written; `text` may have lines."""

    name: str
    kind: str
    signature: str
    text: str
    aliases: tuple[str, ...] = ()


def entries() -> list[Entry]:
    return [*words(), *functions(), *options(), *figures(), *codes()]


def words() -> list[Entry]:
    from lingua.cli.words import WORDS

    return [Entry(name, "word", signature, text) for name, (signature, text) in WORDS.items()]


def functions() -> list[Entry]:
    return [Entry(spec.name, "function", signature(spec), describe(spec), spec.aliases) for spec in specs()]


def specs() -> list[IndicatorSpec]:
    from lingua.indicators.registry import lookup, names

    return [spec for name in names() if (spec := lookup(name)) is not None]


def signature(spec: IndicatorSpec) -> str:
    """`bbands(source, length = 20, width = 2.0) -> upper, middle, lower`"""
    words = [f"{i.name} = {i.default}" if i.default else i.name for i in spec.inputs if not i.is_implicit]
    words += [p.name if p.default is None else f"{p.name} = {p.default}" for p in spec.parameters]
    names = [output.name for output in spec.outputs if output.name]
    return f"{spec.name}({', '.join(words)})" + (f" -> {', '.join(names)}" if len(spec.outputs) > 1 else "")


def describe(spec: IndicatorSpec) -> str:
    lines = [spec.summary, f"formula: {spec.formula}"]
    if spec.source:
        lines.append(f"source: {spec.source}")
    units = ", ".join(
        (f"{output.name}: " if output.name and len(spec.outputs) > 1 else "") + unit_words(output.unit) + bounds(output)
        for output in spec.outputs
    )
    lines.append(f"measured in: {units}")
    defaults = {p.name: p.default for p in spec.parameters}
    if None not in defaults.values():
        settle = spec.settle(**defaults)
        settled = "depends on the first bar for ever" if settle < 0 else f"settles {settle} bars later"
        lines.append(f"with the defaults: first value after {spec.lookback(**defaults)} bars, {settled}")
    return "\n".join(lines)


def unit_words(unit: str) -> str:
    return unit.replace("u0", "the unit of its input", 1) if unit == "u0" else unit


def bounds(output: Any) -> str:
    return "" if output.low is None or output.high is None else f" {output.low:g}..{output.high:g}"


def options() -> list[Entry]:
    """Keys of the `execution` block."""
    from lingua.trading.execution import Execution

    told = attribute_texts(Execution)
    found = []
    for item in dataclasses.fields(Execution):
        if item.name not in ("is_given", "fill_on"):
            default = item.default if item.default is not dataclasses.MISSING else ""
            found.append(
                Entry(
                    item.name,
                    "option",
                    f"execution {{ {item.name}: … }}",
                    told.get(item.name, "") or f"default: {default}",
                )
            )
    return found


def attribute_texts(record: type) -> dict[str, str]:
    """Attribute name to the string that stands under it in the source of a class."""
    body = ast.parse(textwrap.dedent(inspect.getsource(record))).body[0]
    assert isinstance(body, ast.ClassDef)
    found = {}
    for item, after in zip(body.body, body.body[1:], strict=False):
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name) and isinstance(after, ast.Expr):
            value = after.value
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                found[item.target.id] = inspect.cleandoc(value.value)
    return found


def figures() -> list[Entry]:
    import lingua.backtest.metrics  # declares them  # noqa: F401
    from lingua.backtest.metric import METRICS

    return [
        Entry(
            m.name,
            "figure",
            m.name,
            "\n".join(filter(None, (m.title, f"formula: {m.formula}", m.source and f"source: {m.source}"))),
        )
        for m in METRICS.values()
    ]


def codes() -> list[Entry]:
    from lingua.diagnostics.catalogue import catalogue
    from lingua.diagnostics.pages import page

    found = []
    for code in catalogue().values():
        why = page(code.number)
        found.append(
            Entry(
                code.number, "code", f"{code.severity}[{code.number}] {code.slug}", why.why if why else "", (code.slug,)
            )
        )
    return found
