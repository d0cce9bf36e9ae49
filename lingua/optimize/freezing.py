"""Chosen values written into the program's text, with the fingerprint of what was searched."""

from __future__ import annotations

from collections.abc import Mapping

from lingua.compiler import Compiled, compile_source
from lingua.ir.program import ParamValue
from lingua.semantics.literals import SECONDS
from lingua.syntax import nodes as ast
from lingua.syntax.source import Source


class FreezeError(ValueError):
    """The values cannot be written into this program."""


def frozen(compiled: Compiled, values: Mapping[str, ParamValue], remarks: list[str]) -> str:
    """The text of `compiled` with `values` as the defaults of its params and `remarks` as comments above it. Everything
    else stays as it was written. Raises FreezeError."""
    program = compiled.program
    strategy = next(
        item for item in compiled.file.items if isinstance(item, ast.Strategy) and item.name == program.name
    )
    params = {item.name: item for item in strategy.items if isinstance(item, ast.Param)}
    unknown = sorted(values.keys() - params.keys())
    if unknown:
        raise FreezeError(f"the program has no param called {', '.join(unknown)}")
    text = compiled.source.text
    for item in sorted((params[name] for name in values), key=lambda each: -each.default.span.start):
        span = item.default.span
        text = text[: span.start] + written(item.default, values[item.name]) + text[span.end :]
    text = "".join(f"// {remark}\n" for remark in remarks) + without_remarks(text)
    again = compile_source(Source(compiled.source.name, text), strategy=program.name)
    _same(compiled, again, values)
    return text


MARK = "// frozen: "


def without_remarks(text: str) -> str:
    """The text without what an earlier freeze wrote above it."""
    lines = text.splitlines(keepends=True)
    if not lines or not lines[0].startswith(MARK):
        return text
    first = next((k for k, line in enumerate(lines) if not line.startswith("// ")), len(lines))
    return "".join(lines[first:])


def written(default: ast.Expr, value: ParamValue) -> str:
    """A value in the words of the default it replaces: `2%` stays a percentage, `20 bars` bars, `1h` a time."""
    bare = default
    while isinstance(bare, ast.Paren):
        bare = bare.inner
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value}"' if isinstance(bare, ast.String) else value
    if isinstance(bare, ast.Unary):
        return f"-{written(bare.operand, -value)}" if value < 0 else written(bare.operand, value)
    if value < 0:
        return f"-{written(bare, -value)}"
    match bare:
        case ast.Ratio(text, _):
            scale = 10_000 if text.endswith("bp") else 100
            ending = "bp" if text.endswith("bp") else "%"
            return f"{_exact(value, scale)}{ending}"
        case ast.Quantity(_, _, unit):
            return f"{_number(value)} {unit}"
        case ast.Duration(_, unit):
            for each in (unit, "m", "s"):
                length = SECONDS.get(each, 0)
                if length and value % length == 0:
                    return f"{int(value // length)}{each}"
            raise FreezeError(f"{value:g} seconds cannot be written as a time")
        case ast.Number(_, _, is_int):
            return _number(value) if is_int or float(value) != int(value) else f"{_number(value)}.0"
        case _:
            return _number(value)


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() and abs(value) < 2**53 else repr(float(value))


def _exact(value: float, scale: int) -> str:
    """The shortest decimal that is `value` again when it is divided by `scale`, as a program's literals are read."""
    from decimal import Decimal

    return format((Decimal(repr(float(value))) * scale).normalize(), "f")


def _same(before: Compiled, after: Compiled, values: Mapping[str, ParamValue]) -> None:
    """Whether the written values are the chosen ones to the last bit. Raises FreezeError."""
    broken = [problem for problem in after.problems if problem.severity == "error"]
    imports = any(isinstance(item, ast.Import) for item in before.file.items)
    if not after.programs or broken:
        if imports and not after.programs:
            return  # what it imports is read from beside the file, where it is not yet
        raise FreezeError(f"the program is wrong with these values: {broken[0].message if broken else 'no strategy'}")
    held = {param.name: param.value for param in after.programs[0].params}
    for name, value in values.items():
        if held[name] != value:
            raise FreezeError(f"{name} = {value!r} cannot be written exactly; the text would say {held[name]!r}")
