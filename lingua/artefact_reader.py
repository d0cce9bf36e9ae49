"""Reading an artefact `.lgx` back: the source in it is compiled again, and must be what it was when it was built.

Nothing of the graph is trusted: it is there for people. The imports come from the artefact too, the bundled library
included, so that it means the same on a machine that has another version of it.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StrictInt, StrictStr, ValidationError

from lingua.artefact import SCHEMA
from lingua.compiler import Compiled, compile_source
from lingua.diagnostics.codes import imports as import_codes
from lingua.diagnostics.codes import syntax as codes
from lingua.diagnostics.diagnostic import Code, Problems
from lingua.ir.program import ParamValue
from lingua.semantics.imports import Library, refused
from lingua.syntax import nodes as ast
from lingua.syntax.source import NOWHERE, Source

LARGEST = 64 << 20
"""Bytes; a program of the largest size and its graph have fewer."""
AGAIN = "build it again from its .lingua file: `lingua build FILE.lingua`"


class StoredText(BaseModel):
    name: StrictStr
    text: StrictStr


class StoredParameter(BaseModel):
    name: StrictStr
    value: StrictBool | StrictInt | StrictFloat | StrictStr


class Stored(BaseModel):
    """What of an artefact is read."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    format: StrictInt = Field(alias="schema")
    lingua: StrictStr
    strategy: StrictStr
    fingerprint: StrictStr
    source: StoredText
    imports: list[StoredText] = Field(max_length=1000)
    parameters: list[StoredParameter] = Field(max_length=10_000)


class StoredLibrary(Library):
    """Reads imports from an artefact. `main` is where the program stood below its project's folder."""

    def __init__(self, main: str, texts: Mapping[str, str]) -> None:
        super().__init__(read=texts.__getitem__)
        self._main = main

    def _locate(self, item: ast.Import, source: Source, problems: Problems) -> tuple[str, Path | None] | None:
        why = refused(item.path)
        if why:
            problems.add(import_codes.PATH_ESCAPE, item.span, path=item.path[:60], why=why, help=AGAIN)
            return None
        written = item.path.removesuffix(".lingua")
        if written.startswith("std/"):
            return written, None
        return posixpath.normpath(posixpath.join(self._folder(source), f"{written}.lingua")), None

    def _folder(self, source: Source) -> str:
        importer = next((key for key, module in self.modules.items() if module.source is source), self._main)
        return str(PurePosixPath(importer).parent)


def compile_artefact(path: Path, *, overrides: Mapping[str, ParamValue] | None = None, strategy: str = "") -> Compiled:
    """The program of an artefact with the parameter values it was built with; `overrides` replace some of them.

    Never raises on any content: an artefact that is broken, or that no longer means what it meant when it was
    built, has a problem that says so.
    """
    name = str(path)
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        return _not_one(name, codes.UNREADABLE, (error.strerror or str(error)).lower(), "check the path")
    if len(data) > LARGEST:
        return _not_one(name, codes.BROKEN_ARTEFACT, f"it has more than {LARGEST >> 20} MiB", AGAIN)
    try:
        stored = Stored.model_validate_json(data)
    except ValidationError as error:
        return _not_one(name, codes.BROKEN_ARTEFACT, _first(error), AGAIN)
    if stored.format != SCHEMA:
        why = f"it is of schema {stored.format}, and this version of Lingua reads schema {SCHEMA}"
        return _not_one(name, codes.BROKEN_ARTEFACT, why, AGAIN)
    if strategy not in ("", stored.strategy):
        why = f"it holds the strategy {stored.strategy}, not {strategy}"
        return _not_one(name, codes.BROKEN_ARTEFACT, why, "leave `--strategy` out, or name another artefact")
    built = _compiled(name, stored, {})
    if not built.ok:
        return built
    if built.fingerprint != stored.fingerprint:
        return _not_one(
            name, codes.ARTEFACT_DIFFERS, f"{stored.fingerprint[:12]}, what is in it gives {built.fingerprint[:12]}",
            f"{AGAIN}; it was built by Lingua {stored.lingua[:20]}, so a change by hand or another version may be why",
        )  # fmt: skip
    return _compiled(name, stored, overrides) if overrides else built


def _compiled(name: str, stored: Stored, overrides: Mapping[str, ParamValue]) -> Compiled:
    library = StoredLibrary(stored.source.name, {each.name: each.text for each in stored.imports})
    values = {each.name: each.value for each in stored.parameters} | dict(overrides)
    source = Source(name, stored.source.text)
    return compile_source(source, overrides=values, strategy=stored.strategy, library=library)


def _not_one(name: str, code: Code, why: str, help: str) -> Compiled:
    source = Source(name, "")
    problems = Problems(source)
    problems.add(code, NOWHERE, why=why, help=help)
    return Compiled(source, ast.File(()), tuple(problems.found))


def _first(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    what = first["msg"][:1].lower() + first["msg"][1:]
    return f"`{place}`: {what}" if place else what
