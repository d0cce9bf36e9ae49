"""Other files: `import "helpers.lingua" as h`, `import "std/cloud"`.

A strategy file is untrusted, so an import reads `.lingua` files of the project alone: below the folder of `lingua.toml`
(or of the program itself), never through `..` or a link out of it, and never more than a bounded number of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path, PurePath, PurePosixPath
from typing import NamedTuple

from lingua.diagnostics.codes import imports as codes
from lingua.diagnostics.diagnostic import Diagnostic, Label, Problems, Severity
from lingua.diagnostics.suggest import did_you_mean, near_file
from lingua.semantics.scope import Entry, ExternDef, FnDef, Known, Namespace, Scope, ValueDef
from lingua.semantics.values import Failed
from lingua.structs import OpenStruct, field
from lingua.syntax import nodes as ast
from lingua.syntax.parse import parse, read_source
from lingua.syntax.source import Source, Span

STD = Path(__file__).resolve().parents[1] / "std"
PROJECT_FILE = "lingua.toml"
MOST_FILES = 100
MOST_CHARACTERS = 4 << 20
_PLAIN_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_. -]*")

Read = Callable[[str], str]
"""From the path an import writes to the text of that file; raises OSError or KeyError when there is none."""


class ImportedText(NamedTuple):
    """An imported file: its path below the project's folder (or `std/cloud`), with `/`, and its text."""

    name: str
    text: str


class Module(OpenStruct):
    """One imported file. `scope` holds its constants and functions; `problems` what is wrong in it."""

    name: str
    source: Source
    file: ast.File
    problems: Problems
    scope: Scope
    is_std: bool = False
    is_checked: bool = False
    found: list[Diagnostic] = field(default_factory=list)


class Library:
    """Reads imported files, each once. `path` is the program's own file (None: a text that stands in no folder).

    `read` replaces the file system for everything that is not `std`: tests and editors give unsaved texts that way.
    """

    def __init__(self, path: Path | None = None, *, read: Read | None = None) -> None:
        self.path = path.resolve() if path is not None else None
        self.root = _project_root(self.path) if self.path is not None else None
        self.modules: dict[str, Module] = {}
        self._read = read
        self._open: list[str] = []
        self._size = 0
        self._tried = 0

    @property
    def texts(self) -> tuple[ImportedText, ...]:
        """All imported files in the order they were read; their texts are part of a fingerprint."""
        return tuple([ImportedText(_posix(module.source.name), module.source.text) for module in self.modules.values()])

    def load(self, item: ast.Import, source: Source, problems: Problems) -> Module | None:
        """The file an import means, its own imports loaded too; None after a report at the import."""
        place = self._locate(item, source, problems)
        if place is None:
            return None
        key, path = place
        if key in self._open:
            circle = [f"`{_short(name)}`" for name in self._open[self._open.index(key) :]]
            cause = f"{circle[0]} imports itself"
            help = "leave the import out: a file sees its own functions"
            if len(circle) > 1:
                cause = f"{', '.join(circle[:-1])} and {circle[-1]} import each other"
                help = "move what they share into one more file that imports none of them"
            problems.add(codes.IMPORT_CYCLE, item.span, cause=cause, help=help)
            return None
        if key in self.modules:
            return self.modules[key]
        self._tried += 1
        if self._tried > MOST_FILES:
            what = f"a program may import {MOST_FILES} files, and this is one more"
            problems.add(codes.TOO_MANY_IMPORTS, item.span, what=what, help="bring functions together in fewer files")
            return None
        text = self._text(item, key, path, problems)
        if text is None:
            return None
        module = self._parsed(key, text)
        self.modules[key] = module
        self._open.append(key)
        try:
            define_imports(module.file, module.source, module.problems, module.scope, self)
        finally:
            self._open.pop()
        define_exports(module.file, module.scope)
        for name in module.file.broken:
            for table in (module.scope.values, module.scope.functions):
                table.setdefault(name, Entry(name, Known(Failed()), module.file.span, "name", module.scope))
        return module

    def opening(self, source: Source) -> None:
        """The program itself counts as open: importing it is a cycle."""
        self._open = [str(self.path) if self.path is not None else source.name]

    # --- finding -----------------------------------------------------------------------------

    def _locate(self, item: ast.Import, source: Source, problems: Problems) -> tuple[str, Path | None] | None:
        written = item.path
        why = refused(written)
        if why:
            problems.add(codes.PATH_ESCAPE, item.span, path=_short(written), why=why, help=_inside(written))
            return None
        name = written if written.endswith(".lingua") else f"{written}.lingua"
        if written == "std" or name.startswith("std/"):
            return self._locate_std(item, name, problems)
        if self._read is not None:
            return name, None
        if self.path is None or self.root is None:
            problems.add(
                codes.NO_FOLDER, item.span, path=_short(written),
                help="save the program as a file beside it, or import from the bundled library, such as `std/cloud`",
            )  # fmt: skip
            return None
        importer = self._folder_of(source)
        found = (importer / name).resolve()
        if not found.is_relative_to(self.root):
            why = f"only files below {self.root.name or 'its folder'}/ may be imported"
            problems.add(codes.PATH_ESCAPE, item.span, path=_short(written), why=why, help=_inside(written))
            return None
        return str(found), found

    def _locate_std(self, item: ast.Import, name: str, problems: Problems) -> tuple[str, Path | None] | None:
        path = STD / name.removeprefix("std/")
        known = sorted(each.stem for each in STD.glob("*.lingua"))
        if path.parent == STD and path.stem in known:
            return f"std/{path.stem}", path
        near = did_you_mean(path.stem, known)
        help = f"did you mean `std/{near}`?" if near else f"std has {', '.join(known)}"
        problems.add(codes.NOT_FOUND, item.span, path=_short(item.path), help=help)
        return None

    def _folder_of(self, source: Source) -> Path:
        """The folder an importing file stands in."""
        for key, module in self.modules.items():
            if module.source is source:
                return Path(key).parent
        assert self.path is not None
        return self.path.parent

    # --- reading -----------------------------------------------------------------------------

    def _text(self, item: ast.Import, key: str, path: Path | None, problems: Problems) -> str | None:
        text: str | None
        if path is None:
            assert self._read is not None
            try:
                text = self._read(key)
            except (OSError, KeyError, ValueError):
                text = None
            if not isinstance(text, str):
                problems.add(codes.NOT_FOUND, item.span, path=_short(item.path), help="check the path")
                return None
        else:
            text = self._file_text(item, path, problems)
        if text is None:
            return None
        self._size += len(text)
        if self._size > MOST_CHARACTERS:
            what = f"all imported files together may have {MOST_CHARACTERS >> 20} MiB, and these have more"
            problems.add(codes.TOO_MANY_IMPORTS, item.span, what=what, help="import only what is used")
            return None
        return text

    def _file_text(self, item: ast.Import, path: Path, problems: Problems) -> str | None:
        try:
            is_file = path.is_file()
            meant = None if is_file else near_file(path)
            near = meant.removesuffix(path.suffix) if meant else None
        except (OSError, ValueError):
            is_file, near = False, None
        if not is_file:
            help = f'did you mean `"{str(PurePosixPath(item.path).parent / near).removeprefix("./")}"`?' if near else ""
            problems.add(
                codes.NOT_FOUND, item.span, path=_short(item.path),
                help=help or "paths are relative to the importing file; check the spelling",
            )  # fmt: skip
            return None
        source, wrong = read_source(path)
        if wrong:
            problems.add(
                codes.NOT_A_PROGRAM, item.span, path=_short(item.path), why=wrong[0].message, help=wrong[0].help
            )
            return None
        return source.text

    def _parsed(self, key: str, text: str) -> Module:
        is_std = key.startswith("std/")
        name = key
        if self.root is not None and not is_std and Path(key).is_absolute():
            name = str(Path(key).relative_to(self.root))
        source = Source(name, text)
        file, wrong = parse(source)
        problems = Problems(source)
        return Module(key, source, file, problems, Scope(problems, Scope(problems)), is_std, found=list(wrong))


def define_imports(
    file: ast.File, source: Source, problems: Problems, scope: Scope, library: Library
) -> list[tuple[ast.Import, Module]]:
    """Make the names of imported files visible in `scope`: under the alias, or as they are in the scope around it.

    Returns each import with its module, for those that could be loaded.
    """
    loaded: list[tuple[ast.Import, Module]] = []
    around = scope.parent
    assert around is not None
    origin: dict[tuple[str, bool], tuple[str, Span]] = {}
    for item in file.items:
        if not isinstance(item, ast.Import):
            continue
        module = library.load(item, source, problems)
        if module is None:
            _excuse(item, scope)
            continue
        if any(each.file is module.file and first.alias == item.alias for first, each in loaded):
            continue
        loaded.append((item, module))
        if item.alias is not None:
            scope.define(item.alias, Namespace(module.scope), item.span, "import")
            continue
        for is_function, table, mine in (
            (False, module.scope.values, around.values), (True, module.scope.functions, around.functions),
        ):  # fmt: skip
            for name, entry in table.items():
                before = origin.get((name, is_function))
                if before is not None and mine.get(name) is not entry:
                    for each in (*module.scope.values.values(), *module.scope.functions.values()):
                        each.used = True
                    problems.add(
                        codes.IMPORT_CLASH, item.span, name=name, first=before[0], second=item.path,
                        labels=(Label(before[1], "first imported here"),),
                        help=f'import one of them under another name: `import "{item.path}" as {_stem(item.path)}`',
                    )  # fmt: skip
                    continue
                origin[name, is_function] = (item.path, item.span)
                mine[name] = entry
    return loaded


def define_exports(file: ast.File, scope: Scope) -> None:
    """Define constants and functions of a file: all that another file can see of it."""
    for item in file.items:
        match item:
            case ast.Const():
                scope.define(item.name, ValueDef(item.value, item.type), item.name_span, "const")
            case ast.Fn():
                scope.define(item.name, FnDef(item), item.name_span, "function")
            case ast.Extern():
                scope.define(item.name, ExternDef(item), item.name_span, "extern")
            case _:
                pass


def errors_of(module: Module) -> list[Diagnostic]:
    """Errors of an imported file, its syntax included."""
    return [each for each in (*module.found, *module.problems.found) if each.severity is Severity.ERROR]


def refused(path: str) -> str:
    """Why an import of this path is not even looked for; "" for a path that may be."""
    if not path.strip():
        return "it names no file"
    if "\\" in path:
        return "folders are separated by `/`"
    if path.startswith(("/", "~")) or re.match(r"[A-Za-z]:", path):
        return "it is absolute, and imports are relative to the importing file"
    if "://" in path:
        return "nothing is read from the network"
    parts = PurePosixPath(path).parts
    if len(path) > 400 or len(parts) > 20 or not all(part == ".." or _PLAIN_PART.fullmatch(part) for part in parts):
        return "a path is made of plain names"
    if PurePosixPath(path).suffix not in ("", ".lingua"):
        return "only `.lingua` files can be imported"
    return ""


def _excuse(item: ast.Import, scope: Scope) -> None:
    """What an import that failed would have defined is no second mistake; without an alias nobody knows the names."""
    if item.alias is not None:
        scope.define(item.alias, Known(Failed()), item.span, "import").used = True


def _project_root(path: Path) -> Path:
    for folder in path.parents:
        if (folder / PROJECT_FILE).is_file():
            return folder
    return path.parent


def place_in_project(path: Path) -> str:
    """Where a program stands below its project's folder, with `/` between folders."""
    path = path.resolve()
    return path.relative_to(_project_root(path)).as_posix()


def _posix(name: str) -> str:
    return PurePath(name).as_posix()


def _short(path: str) -> str:
    name = path if not Path(path).is_absolute() else Path(path).name
    return name if len(name) <= 60 else f"{name[:40]}…{name[-15:]}"


def _stem(path: str) -> str:
    stem = re.sub(r"\W", "_", PurePosixPath(path).stem)
    return stem if stem and not stem[0].isdigit() else f"m_{stem}"


def _inside(path: str) -> str:
    name = PurePosixPath(path.replace("\\", "/")).name
    stem = name if name.endswith(".lingua") and _PLAIN_PART.fullmatch(name) else "helpers.lingua"
    return f'copy the file into the project and write `import "{stem}"`'
