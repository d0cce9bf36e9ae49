"""`extern fn p(w: window<float, 64>) -> float from "model.onnx"`: checked here, not yet run."""

from __future__ import annotations

from pathlib import PurePosixPath

from lingua.diagnostics.codes import extern as codes
from lingua.diagnostics.diagnostic import Problems
from lingua.semantics import types
from lingua.semantics.imports import refused
from lingua.syntax import nodes as ast

SOURCES = (".onnx", ".py")
LONGEST_WINDOW = 100_000
RETURNS = ("int", "bool", *types.NUMBERS, *types.UNITS)


def check_extern(problems: Problems, item: ast.Extern) -> None:
    """What can be said of an external function without its file."""
    _check_source(problems, item)
    for param in item.params:
        if param.type is None:
            problems.add(
                codes.EXTERN_TYPE, param.span, type=param.name,
                help=f"say what it is: `{param.name}: float` or `{param.name}: window<float, 64>`",
            )  # fmt: skip
        elif param.type.name == "window":
            _check_window(problems, param.type)
        elif param.type.name not in RETURNS or param.type.args:
            problems.add(
                codes.EXTERN_TYPE,
                param.type.span,
                type=_text(param.type),
                help="hand it `float`, `int`, `bool` or a `window<float, n>`",
            )
    returns = item.returns
    if returns.name not in RETURNS or returns.args:
        problems.add(
            codes.EXTERN_RETURN, returns.span, type=_text(returns), help=f'write `-> float from "{item.source}"`'
        )


def _check_source(problems: Problems, item: ast.Extern) -> None:
    source = item.source
    suffix = PurePosixPath(source).suffix
    why = refused(source.removesuffix(suffix) if suffix in SOURCES else source)
    if suffix not in SOURCES:
        problems.add(
            codes.EXTERN_SOURCE,
            item.span,
            source=source,
            help='name a file such as `"models/up.onnx"` or `"signals.py"`',
        )
    elif why or ".." in PurePosixPath(source).parts:
        problems.add(
            codes.EXTERN_PATH,
            item.span,
            source=source,
            why=why or "it goes up by `..`",
            help="keep the file inside the project",
        )


def _check_window(problems: Problems, type: ast.TypeRef) -> None:
    match type.args:
        case (ast.TypeRef(name), int(length)) if name in (*types.NUMBERS, *types.UNITS, "int", "bool"):
            if 1 <= length <= LONGEST_WINDOW:
                return
            cause = f"a window of {length:,} bars cannot be handed over"
        case _:
            cause = f"`{_text(type)}` does not say what the window holds and how long it is"
    problems.add(codes.EXTERN_WINDOW, type.span, cause=cause, help="write `window<float, 64>`, with 1 to 100,000 bars")


def _text(type: ast.TypeRef) -> str:
    if not type.args:
        return type.name
    return f"{type.name}<{', '.join(_text(arg) if isinstance(arg, ast.TypeRef) else str(arg) for arg in type.args)}>"
