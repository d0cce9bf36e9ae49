"""Calls of the indicator registry: binding arguments, checking them against the declaration, the node."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from lingua.diagnostics.codes import names as codes
from lingua.diagnostics.codes import timeframes
from lingua.diagnostics.diagnostic import Edit, Fix
from lingua.indicators.declaration import IndicatorSpec, Input, OutputSpec, Parameter
from lingua.ir.nodes import Clock, Constancy, Kind, Node
from lingua.ir.units import BARS, NONE, PRICE, RATIO, Unit
from lingua.semantics import folding, mends, types
from lingua.semantics.history import not_whole, number_text
from lingua.semantics.names import bar_field, observable
from lingua.semantics.operators import may_enter_window
from lingua.semantics.scope import Scope
from lingua.semantics.values import Failed, FunctionValue, Record, Scalar, Text, Value
from lingua.semantics.words import kind_words, unit_words
from lingua.structs import OpenStruct
from lingua.syntax import nodes as ast
from lingua.syntax.nodes import Expr

if TYPE_CHECKING:
    from lingua.semantics.expressions import Expressions

FAILED = Failed()
KINDS = {"num": Kind.NUM, "int": Kind.INT, "bool": Kind.BOOL}
KEEPS_BOUNDS = frozenset({"ema", "sma", "wma", "rma", "dema", "avg", "median", "highest", "lowest", "value_when"})
"""Results that lie among the inputs."""

PICKS = frozenset({"highest", "lowest", "value_when"})
"""Results that are one of the inputs: a time stays a time."""

WIDE = 50
"""A parameter that may be this large and is given as a share was probably meant in percent."""

LARGEST_CAP = 500
"""`n up to 500`: one window for each length is kept."""


def lookup(name: str) -> IndicatorSpec | None:
    from lingua.indicators import registry

    return registry.lookup(name)


def names() -> tuple[str, ...]:
    from lingua.indicators import registry

    return tuple(registry.names())


class Binding(OpenStruct):
    """Arguments of one call by the names of the declaration."""

    inputs: dict[str, Expr]
    parameters: dict[str, ast.Arg]


def call(x: Expressions, expr: ast.Call, spec: IndicatorSpec, scope: Scope, clock: Clock) -> Value:
    binding = _bind(x, expr, spec, scope, clock)
    if binding is None:
        return FAILED
    inputs: list[Scalar] = []
    is_failed = False
    for declared in spec.inputs:
        given = binding.inputs.get(declared.name)
        if is_failed and given is not None:
            x.visit(given, scope, clock)  # for mistakes of its own; whether it fits is no longer asked
            continue
        scalar = _input(x, expr, spec, declared, given, scope, clock)
        if scalar is None:
            is_failed = True
        else:
            inputs.append(scalar)
    parameters: list[Node] = []
    varying: tuple[int, Scalar, int] | None = None
    for number, parameter in enumerate(spec.parameters):
        argument = binding.parameters.get(parameter.name)
        if argument is not None and argument.up_to is not None:
            capped = _capped(x, argument, parameter, scope, clock)
            if capped is None:
                is_failed = True
            else:
                varying = (number, *capped)
            parameters.append(folding.number(x.graph, parameter.low, kind=Kind.INT))
            continue
        node = _parameter(x, expr, spec, parameter, argument, scope, clock)
        if node is None:
            is_failed = True
        else:
            parameters.append(node)
    if is_failed:
        return FAILED
    if varying is not None:
        return _varying(x, spec, inputs, parameters, *varying, clock)
    return _outputs(x, spec, inputs, parameters, clock)


LENGTHS_MEANT: dict[str, str] = dict.fromkeys(
    ("window", "period", "periods", "timeperiod", "n", "len", "span", "lookback", "bars", "size", "length_"), "length"
)
"""What other platforms call a length."""


# --- binding -----------------------------------------------------------------------------------------


def _bind(x: Expressions, expr: ast.Call, spec: IndicatorSpec, scope: Scope, clock: Clock) -> Binding | None:
    positional = [arg for arg in expr.args if arg.name is None]
    written = _written_inputs(x, expr, spec, positional, scope, clock)
    if written is None:
        return None
    order = [each.name for each in written] + [each.name for each in spec.parameters]
    binding = Binding({}, {})
    place = 0
    for arg in expr.args:
        name = arg.name
        if name is None:
            if place >= len(order):
                _too_many(x, expr, spec, order, scope)
                return None
            name = order[place]
            place += 1
        elif name not in order and name not in [each.name for each in spec.inputs]:
            near = LENGTHS_MEANT.get(name) if "length" in order else None
            near = near or x.near(name, order)
            help = f"did you mean `{near}`?" if near else f"write `{signature(spec)}`"
            edit = Edit(arg.span, f"{near}: {x.full_text(arg.value, scope)}")
            x.report(
                scope, codes.WRONG_ARGUMENTS, arg.span, cause=f"`{spec.name}` has no input called `{name}`", help=help,
                fixes=(Fix(f"write `{near}`", (edit,)),) if near else (),
            )  # fmt: skip
            return None
        if name in binding.inputs or name in binding.parameters:
            _wrong(x, scope, arg, f"`{name}` is given twice", "leave one of them out")
            return None
        if any(each.name == name for each in spec.parameters):
            binding.parameters[name] = arg
        else:
            if arg.up_to is not None:
                _wrong(x, scope, arg, f"`{name}` of `{spec.name}` is a series, not a length", "leave out `up to …`")
                return None
            binding.inputs[name] = arg.value
    return binding


def _written_inputs(
    x: Expressions, expr: ast.Call, spec: IndicatorSpec, positional: list[ast.Arg], scope: Scope, clock: Clock
) -> list[Input] | None:
    """The inputs that the positional arguments begin with: usually those that are not implied; all of them when that
    many series are given (`ATR(high, low, close, 14)`); none of a defaulted one when a number comes first."""
    usual = [each for each in spec.inputs if not each.is_implicit]
    leading = 0
    for arg in positional:
        if arg.up_to is not None or _is_length(x, arg.value, scope, clock):
            break
        leading += 1
    if len(usual) < len(spec.inputs) and leading >= len(spec.inputs):
        return list(spec.inputs)
    named = {arg.name for arg in expr.args}
    if usual and leading == 0 and positional and not named & {each.name for each in usual}:
        if all(each.default for each in usual) and len(positional) <= len(spec.parameters):
            return []
        _source_missing(x, expr, spec, positional, scope, clock)
        return None
    if not usual and leading and len(positional) > len(spec.parameters):
        first = x.text(positional[0].value, scope)
        rest = ", ".join(x.full_text(arg.value, scope) for arg in positional[leading:])
        mended = f"{spec.name}({rest})"
        _wrong(
            x, scope, positional[0], f"`{spec.name}` reads the bar itself and takes no source such as `{first}`",
            f"write `{mended}`",
        )  # fmt: skip
        return None
    return usual


def _is_length(x: Expressions, expr: Expr, scope: Scope, clock: Clock) -> bool:
    """Whether an argument is a number known before the run, so that it cannot be meant as a series."""
    while isinstance(expr, ast.Paren):
        expr = expr.inner
    if isinstance(expr, ast.Number | ast.Quantity | ast.Ratio | ast.String):
        return True
    if not isinstance(expr, ast.Name | ast.Binary | ast.Unary):
        return False
    if isinstance(expr, ast.Name) and scope.lookup(expr.name) is None:
        return False
    found = x.visit(expr, scope, clock)
    return isinstance(found, Text) or (
        isinstance(found, Scalar) and found.node.constancy < Constancy.SERIES and found.node.kind is not Kind.BOOL
    )


USUAL_SOURCES = {"highest": "high", "lowest": "low"}
"""What a window is taken over by those who leave it out, where it is not the close."""


def _source_missing(
    x: Expressions, expr: ast.Call, spec: IndicatorSpec, positional: list[ast.Arg], scope: Scope, clock: Clock
) -> None:
    texts = [x.full_text(arg.value, scope) for arg in positional]
    series = [t for t, arg in zip(texts, positional, strict=True) if not _is_length(x, arg.value, scope, clock)]
    numbers = [t for t in texts if t not in series]
    if series:
        cause = f"`{spec.name}` takes the source first and lengths after"
        mended = f"{spec.name}({', '.join([*series, *numbers])})"
    else:
        cause = f"`{spec.name}` needs a source before its lengths"
        usual = USUAL_SOURCES.get(spec.name, "close")
        wanted = [each.default or usual for each in spec.inputs if not each.is_implicit]
        mended = f"{spec.name}({', '.join([*wanted, *numbers])})"
    x.report(
        scope,
        codes.WRONG_ARGUMENTS,
        expr.span,
        cause=cause,
        help=f"write `{mended}`",
        fixes=mends.replacing(expr, mended),
    )


def _too_many(x: Expressions, expr: ast.Call, spec: IndicatorSpec, order: list[str], scope: Scope) -> None:
    count = len(expr.args)
    most = f"at most {len(order)} arguments" if order else "no arguments"
    _wrong(x, scope, expr, f"`{spec.name}` takes {most}, and {count} are given", f"write `{signature(spec)}`")


def _wrong(x: Expressions, scope: Scope, where: ast.Arg | ast.Call, cause: str, help: str) -> None:
    x.report(scope, codes.WRONG_ARGUMENTS, where.span, cause=cause, help=help)


def signature(spec: IndicatorSpec) -> str:
    """`ema(source, length = 20)`"""
    parts = [
        each.name if not each.default else f"{each.name} = {each.default}"
        for each in spec.inputs
        if not each.is_implicit
    ]
    for parameter in spec.parameters:
        default = parameter.default
        shown = f"{default:g}" if isinstance(default, float) else str(default)
        parts.append(parameter.name if default is None else f"{parameter.name} = {shown}")
    return f"{spec.name}({', '.join(parts)})"


def example(name: str) -> str:
    """A call anyone would understand: `rsi(close, 14)`; "" for what is no indicator."""
    spec = lookup(name)
    if spec is None:
        return ""
    given = [each.default or "close" for each in spec.inputs if not each.is_implicit]
    given += [f"{each.default:g}" for each in spec.parameters if isinstance(each.default, int | float)]
    return f"{spec.name}({', '.join(given)})"


def on_bars(name: str, given: list[str]) -> str:
    """`ema(20)` as it should be written: `ema(close, 20)`."""
    spec = lookup(name)
    inputs = [each for each in spec.inputs if not each.is_implicit] if spec is not None else []
    if spec is not None and inputs and len(given) <= len(spec.parameters):
        given = [*(each.default or "close" for each in inputs), *given]
    return f"{name}({', '.join(given)})"


# --- inputs ------------------------------------------------------------------------------------------


def _input_missing(x: Expressions, expr: ast.Call, spec: IndicatorSpec, declared: Input, scope: Scope) -> None:
    """`rsi()`: a call anyone would understand."""
    cause = f"`{spec.name}` also needs `{declared.name}`"
    if expr.args:
        _wrong(x, scope, expr, cause, f"write `{signature(spec)}`")
        return
    written = example(spec.name)
    x.report(
        scope, codes.WRONG_ARGUMENTS, expr.span, cause=cause, help=f"write `{written}`",
        fixes=mends.replacing(expr, written),
    )  # fmt: skip


def _input(
    x: Expressions, expr: ast.Call, spec: IndicatorSpec, declared: Input, given: Expr | None, scope: Scope, clock: Clock
) -> Scalar | None:
    if given is None:
        if declared.default:
            return observable(x, declared.default, clock) or bar_field(x, "close", clock)
        _input_missing(x, expr, spec, declared, scope)
        return None
    found = x.visit(given, scope, clock)
    if isinstance(found, Failed):
        return None
    scalar = x.plain(found, given, scope)
    if scalar is None:
        return None
    scalar = _kind_of_input(x, spec, declared, scalar, given, scope)
    if scalar is None or not may_enter_window(x, scalar, given, scope, spec.name):
        return None
    if scalar.sampled is not None and scalar.sampled.source != clock.source and not scalar.sampled.timeframe:
        _other_bars(x, expr, given, scalar, spec, scope)
        return None
    return _unit_of_input(x, spec, declared, scalar, given, scope)


def _kind_of_input(
    x: Expressions, spec: IndicatorSpec, declared: Input, scalar: Scalar, given: Expr, scope: Scope
) -> Scalar | None:
    """A number for numbers, a condition for conditions; the literal `na` is either."""
    text = x.full_text(given, scope)
    is_truth = scalar.node.kind is Kind.BOOL
    if scalar.node.kind is Kind.STRING:
        wanted, mend = "numbers", "give a series, such as `close`"
    elif scalar.node.kind is Kind.TIME and spec.name not in PICKS:
        wanted, mend = "numbers", f"take its seconds: `num({text})`"
    elif declared.kind == "num" and is_truth:
        wanted, mend = "numbers", f"choose a number for each case: `if {text} then 1 else 0`"
    elif declared.kind == "bool" and not is_truth:
        if folding.is_na(scalar.node):
            return Scalar(folding.unknown(x.graph))
        wanted, mend = "conditions", f"compare it with something: `{text} > 0`"
    else:
        return scalar
    x.report(
        scope, codes.WRONG_INPUT, given.span, function=spec.name, wanted=wanted, expr=x.text(given, scope),
        found=kind_words(scalar.node), help=mend,
    )  # fmt: skip
    return None


def _unit_of_input(
    x: Expressions, spec: IndicatorSpec, declared: Input, scalar: Scalar, given: Expr, scope: Scope
) -> Scalar | None:
    if declared.unit == "any" or scalar.node.kind is Kind.BOOL:
        return scalar
    wanted = types.UNITS.get(declared.unit, NONE)
    if scalar.node.unit == wanted:
        return scalar
    if scalar.is_literal and scalar.node.unit == NONE:
        return x.with_unit(scalar, wanted)
    x.report(
        scope, codes.WRONG_INPUT, given.span, function=spec.name, wanted=unit_words(wanted),
        expr=x.text(given, scope),
        found=kind_words(scalar.node), help=mends.to_unit(x, scalar, wanted, given, scope),
    )  # fmt: skip
    return None


def _other_bars(x: Expressions, expr: ast.Call, given: Expr, scalar: Scalar, spec: IndicatorSpec, scope: Scope) -> None:
    """`ema(d.close, 20)` would count the traded bars, on which the value of `d` repeats itself."""
    alias = scalar.sampled.source if scalar.sampled is not None else ""
    text = x.full_text(expr, scope)
    own = x.full_text(given, scope)
    inside = text
    if isinstance(given, ast.Field):
        inside = re.sub(rf"\b{re.escape(own)}\b", given.name, text).replace(f"{alias}.", "")
    mended = f"{inside}@{alias}"
    x.report(
        scope, timeframes.WHOSE_BARS, expr.span, expr=x.text(expr, scope),
        help=f"write `{mended}` to count the bars of {alias}", fixes=mends.replacing(expr, mended),
        notes=(f"`{own}` has bars of {x.source_timeframe(alias)}, the program {x.base_timeframe or 'others'}",),
    )  # fmt: skip


# --- parameters --------------------------------------------------------------------------------------


def _parameter(
    x: Expressions,
    expr: ast.Call,
    spec: IndicatorSpec,
    parameter: Parameter,
    argument: ast.Arg | None,
    scope: Scope,
    clock: Clock,
) -> Node | None:
    if argument is None:
        return _default(x, expr, spec, parameter, scope)
    what = f"`{parameter.name}` of `{spec.name}`"
    if parameter.kind == "choice":
        return _choice(x, argument.value, parameter, what, scope, clock)
    given = argument.value
    scalar = x.number_of(given, scope, clock, what)
    if scalar is None:
        return None
    if scalar.node.constancy > Constancy.PARAM:
        if spec.name in PLAIN and scalar.node.unit == PRICE:
            _one_bar_meant(x, expr, spec.name, argument, scope)
        else:
            _changes(x, expr, spec, parameter, argument, what, scope)
        return None
    return _checked_number(x, given, scalar, parameter, what, scope)


def _checked_number(
    x: Expressions, given: Expr, scalar: Scalar, parameter: Parameter, what: str, scope: Scope
) -> Node | None:
    value = x.statics.of(scalar.node)
    node = scalar.node
    if parameter.kind == "int":
        if node.kind is not Kind.INT or node.unit not in (NONE, BARS):
            not_whole(x, given, scalar, what, scope)
            return None
    elif node.unit not in (NONE, RATIO, BARS):
        x.wrong_kind(scalar, given, scope, what, "a plain number", mends.to_unit(x, scalar, NONE, given, scope))
        return None
    if node.unit == RATIO and parameter.high >= WIDE and isinstance(value, float) and 0 < value <= 1:
        text = f"{value * 100:g}"
        x.report(
            scope, codes.WRONG_SCALE, given.span, expr=parameter.name, low=parameter.low, high=parameter.high,
            share=x.text(given, scope), value=value, help=f"write `{text}`", fixes=mends.replacing(given, text),
        )  # fmt: skip
    if not isinstance(value, float) or value != value or not parameter.low <= value <= parameter.high:
        _out_of_bounds(x, given, parameter, what, value, scope)
        return None
    return node


def _out_of_bounds(x: Expressions, given: Expr, parameter: Parameter, what: str, value: object, scope: Scope) -> None:
    low, high = number_text(float(parameter.low)), number_text(float(parameter.high))
    is_high = isinstance(value, float) and value > parameter.high
    allowed = f"at most {high}" if is_high else f"at least {low}"
    nearest = parameter.high if is_high else parameter.low
    shown = number_text(value) if isinstance(value, float) else str(value)
    x.report(
        scope, codes.OUT_OF_BOUNDS, given.span, what=what, allowed=allowed, expr=x.text(given, scope), found=shown,
        help=f"write a number from {low} to {high}, such as `{nearest:g}`",
    )  # fmt: skip


def _default(x: Expressions, expr: ast.Call, spec: IndicatorSpec, parameter: Parameter, scope: Scope) -> Node | None:
    if parameter.default is None:
        _parameter_missing(x, expr, spec, parameter, scope)
        return None
    if isinstance(parameter.default, str):
        return folding.text(x.graph, parameter.default)
    kind = Kind.INT if parameter.kind == "int" else Kind.NUM
    return folding.number(x.graph, float(parameter.default), kind=kind)


USUAL_LENGTH = "20"


def _parameter_missing(x: Expressions, expr: ast.Call, spec: IndicatorSpec, parameter: Parameter, scope: Scope) -> None:
    """`highest(high)`: the call with an usual length, where it is a length that is missing."""
    name = expr.function.name if isinstance(expr.function, ast.Name) else spec.name
    cause = f"`{name}` also needs `{parameter.name}`"
    given = [x.full_text(arg.value, scope) for arg in expr.args if arg.name is None]
    missing = [each.name for each in spec.parameters if each.default is None]
    if len(given) < len(expr.args) or missing != ["length"]:
        _wrong(x, scope, expr, cause, f"write `{signature(spec)}`")
        return
    mended = f"{name}({', '.join([*given, USUAL_LENGTH])})"
    x.report(
        scope, codes.WRONG_ARGUMENTS, expr.span, cause=cause, help=f"say over how many bars: `{mended}`",
        fixes=mends.replacing(expr, mended),
    )  # fmt: skip


def _choice(x: Expressions, given: Expr, parameter: Parameter, what: str, scope: Scope, clock: Clock) -> Node | None:
    """A text, or the bare word."""
    if isinstance(given, ast.Name) and given.name in parameter.choices:
        return folding.text(x.graph, given.name)
    found = x.visit(given, scope, clock)
    if isinstance(found, Failed):
        return None
    word = found.text if isinstance(found, Text) else found.builtin if isinstance(found, FunctionValue) else ""
    if word in parameter.choices:
        return folding.text(x.graph, word)
    listed = ", ".join(f'"{choice}"' for choice in parameter.choices)
    near = x.near(word, parameter.choices)
    x.report(
        scope, codes.OUT_OF_BOUNDS, given.span, what=what, allowed=f"one of {listed}", expr=x.text(given, scope),
        found="none of them", help=f'did you mean "{near}"?' if near else f'write "{parameter.choices[0]}"',
    )  # fmt: skip
    return None


PLAIN = {"highest": "max", "lowest": "min"}
"""Windows, and what compares values of one bar in the same way."""


def _one_bar_meant(x: Expressions, expr: ast.Call, name: str, argument: ast.Arg, scope: Scope) -> None:
    """`highest(high, close)`"""
    given = ", ".join(x.full_text(arg.value, scope) for arg in expr.args)
    mended = f"{PLAIN[name]}({given})"
    x.report(
        scope, codes.WRONG_ARGUMENTS, expr.span,
        cause=f"`{name}` looks back a number of bars, and `{x.text(argument.value, scope)}` is a price",
        help=f"write `{mended}` for the {PLAIN[name]} of the two on one bar", fixes=mends.replacing(expr, mended),
    )  # fmt: skip


def _changes(
    x: Expressions,
    expr: ast.Call,
    spec: IndicatorSpec,
    parameter: Parameter,
    argument: ast.Arg,
    what: str,
    scope: Scope,
) -> None:
    text = x.full_text(argument.value, scope)
    if parameter.is_window:
        mended = f"{text} up to 60"
        x.report(
            scope, codes.NEEDS_CAP, argument.span, expr=x.text(argument.value, scope), what="window",
            help=f"write `{mended}` with the longest you need",
            fixes=mends.replacing(argument.value, mended),
        )  # fmt: skip
        return
    x.report(
        scope, codes.NOT_CONSTANT, argument.span, what=what, expr=x.text(argument.value, scope),
        help=f"give a number or a `param`, such as `param {x.fresh_name(scope, parameter.name)} = 20`",
    )  # fmt: skip


# --- a length that varies ----------------------------------------------------------------------------


def _capped(
    x: Expressions, argument: ast.Arg, parameter: Parameter, scope: Scope, clock: Clock
) -> tuple[Scalar, int] | None:
    """`n up to 60`: the length of each bar, and the longest."""
    assert argument.up_to is not None
    what = f"the longest `{parameter.name}`"
    if parameter.kind != "int":
        _wrong(x, scope, argument, f"`{parameter.name}` is not a length", "leave out `up to …`")
        return None
    length = x.number_of(argument.value, scope, clock, f"`{parameter.name}`")
    cap = x.number_of(argument.up_to, scope, clock, what)
    if length is None or cap is None:
        return None
    if cap.node.constancy > Constancy.PARAM:
        x.report(
            scope, codes.NOT_CONSTANT, argument.up_to.span, what=what, expr=x.text(argument.up_to, scope),
            help=f"write a number: `{x.full_text(argument.value, scope)} up to 60`",
        )  # fmt: skip
        return None
    if cap.node.kind is not Kind.INT:
        not_whole(x, argument.up_to, cap, what, scope)
        return None
    if length.node.kind is not Kind.INT or length.node.unit not in (NONE, BARS):
        not_whole(x, argument.value, length, f"`{parameter.name}`", scope)
        return None
    value = x.statics.of(cap.node)
    most = min(LARGEST_CAP, parameter.high)
    if not isinstance(value, float) or not parameter.low <= value <= most:
        x.report(
            scope, codes.OUT_OF_BOUNDS, argument.up_to.span, what=what, allowed=f"from {parameter.low:g} to {most:g}",
            expr=x.text(argument.up_to, scope), found=number_text(value), help=f"write `up to {most:g}`",
        )  # fmt: skip
        return None
    return length, int(value)


def _varying(
    x: Expressions,
    spec: IndicatorSpec,
    inputs: list[Scalar],
    parameters: list[Node],
    place: int,
    length: Scalar,
    cap: int,
    clock: Clock,
) -> Value:
    """One window for each length up to the cap, and a choice among them on each bar; another length gives `na`."""
    chosen: dict[str, Node] = {}
    for size in range(cap, int(spec.parameters[place].low) - 1, -1):
        own = [*parameters]
        own[place] = folding.number(x.graph, float(size), kind=Kind.INT)
        made = _outputs(x, spec, inputs, own, clock)
        parts = dict(made.fields) if isinstance(made, Record) else {"": made}
        number = folding.number(x.graph, float(size), kind=Kind.INT)
        fits = x.make("eq", length.node, number, clock=clock, kind=Kind.BOOL)
        for name, part in parts.items():
            if not isinstance(part, Scalar):
                return FAILED
            node = part.node
            other = chosen.get(name)
            if other is None:
                other = folding.unknown(x.graph) if node.kind is Kind.BOOL else folding.number(x.graph, math.nan)
            chosen[name] = x.make("select", fits, node, other, clock=clock, kind=node.kind, unit=node.unit)
    if "" in chosen:
        return Scalar(chosen[""])
    return Record(spec.name, tuple((name, Scalar(node)) for name, node in chosen.items()), _default_output(spec))


# --- outputs -----------------------------------------------------------------------------------------


def _outputs(x: Expressions, spec: IndicatorSpec, inputs: list[Scalar], parameters: list[Node], clock: Clock) -> Value:
    args = [scalar.node for scalar in inputs] + parameters
    constancy = max([Constancy.SERIES, *(node.constancy for node in args)])
    units = [scalar.node.unit for scalar in inputs]
    is_time = any(scalar.node.kind is Kind.TIME for scalar in inputs)
    made: list[tuple[str, Value]] = []
    for output in spec.outputs:
        name = output.name if len(spec.outputs) > 1 else ""
        kind = Kind.TIME if is_time and output.unit.startswith("u") else KINDS[output.kind]
        node = x.graph.node(
            "call", *args, attrs=(spec.name, name), kind=kind, unit=unit_of(output.unit, units),
            clock=clock,
            constancy=constancy,
        )  # fmt: skip
        low, high = _bounds(spec, output, inputs)
        instrument = inputs[0].instrument if inputs and node.unit == inputs[0].node.unit else None
        made.append((output.name, Scalar(node, low=low, high=high, instrument=instrument)))
    if len(made) == 1:
        return made[0][1]
    return Record(spec.name, tuple(made), _default_output(spec))


def _bounds(spec: IndicatorSpec, output: OutputSpec, inputs: list[Scalar]) -> tuple[float | None, float | None]:
    if output.low is None and output.high is None and spec.name in KEEPS_BOUNDS and output.unit == "u0" and inputs:
        return inputs[-1 if spec.name == "value_when" else 0].low, inputs[-1 if spec.name == "value_when" else 0].high
    return output.low, output.high


def _default_output(spec: IndicatorSpec) -> str:
    """Used as a number, `supertrend(…)` is its `value`; `bbands(…)` has no output that is meant alone."""
    names = [output.name for output in spec.outputs]
    return next((name for name in (spec.name, "value") if name in names), "")


def unit_of(text: str, inputs: list[Unit]) -> Unit:
    """A unit written over those of the inputs: `u0`, `u0*u1`, `u0/bars`, `u0^2`, `price`, `none`.

    >>> unit_of("u0/bars", [Unit(money=1, qty=-1)])
    Unit(money=1, qty=-1, time=0, bars=-1, is_ratio=False)
    """
    found = NONE
    for sign, word, power in re.findall(r"([*/]?)\s*([a-z]+\d*)\s*(?:\^(\d+))?", text):
        if re.fullmatch(r"u\d+", word):
            place = int(word[1:])
            unit = inputs[place] if place < len(inputs) else NONE
        else:
            unit = types.UNITS.get(word, NONE)
        for _ in range(int(power or 1)):
            found = found / unit if sign == "/" else found * unit
    return found
