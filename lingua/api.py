"""The Python interface: compile a text or a file, check it, backtest it."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lingua.compiler import Compiled, CompileError, compile_path, compile_source
from lingua.syntax.source import Source

if TYPE_CHECKING:
    from lingua.backtest.result import Result
    from lingua.diagnostics.diagnostic import Diagnostic
    from lingua.ir.program import ParamValue

__all__ = ["CompileError", "backtest", "check", "compile"]


def compile(
    text_or_path: str | PathLike[str], *, set: Mapping[str, ParamValue] | None = None, strategy: str = ""
) -> Compiled:
    """Compile a `.lingua` file or a text. Problems do not raise; they are in `.problems`, and `.ok` says if any is an
    error.

    Args:
        text_or_path: a `Path`, a string that ends in `.lingua` or `.lgx` (an artefact), or the program itself.
        set: parameter values, by name.
        strategy: which strategy to take from a text with several.
    """
    if isinstance(text_or_path, str) and not text_or_path.strip().endswith((".lingua", ".lgx")):
        return compile_source(Source("<text>", text_or_path), overrides=set, strategy=strategy, path=None)
    return compile_path(Path(text_or_path), overrides=set, strategy=strategy)


def check(text_or_path: str | PathLike[str]) -> tuple[Diagnostic, ...]:
    """All diagnostics of a file or a text."""
    return compile(text_or_path).problems


def backtest(text_or_path: str | PathLike[str], data: Any = None, **options: Any) -> Result:
    """Compile and run in one call. Raises CompileError, `lingua.DataError`."""
    return compile(text_or_path, set=options.pop("set", None), strategy=options.pop("strategy", "")).backtest(
        data, **options
    )
