"""`parse` makes the tree of a source text and says everything that is wrong with it; it never raises.

>>> file, problems = parse(Source("x.lingua", "strategy S { rule up: close > open => buy }"))
>>> file.items[0].name, problems
('S', ())
"""

from __future__ import annotations

from pathlib import Path

from lingua.diagnostics.codes import syntax as codes
from lingua.diagnostics.diagnostic import Diagnostic, Problems
from lingua.syntax.builder import TreeBuilder
from lingua.syntax.lalr import Lexer, Machine, TooDeep
from lingua.syntax.nodes import Expr, File
from lingua.syntax.recovery import MOST_MISTAKES, Recovery
from lingua.syntax.scanner import Scan, Token, scan
from lingua.syntax.source import NOWHERE, Source, Span
from lingua_grammar.tables import END

LARGEST_FILE = 1 << 20
MOST_TOKENS = 60_000
DEEPEST = 500


def parse(source: Source) -> tuple[File, tuple[Diagnostic, ...]]:
    """The tree of `source` without the items that are broken beyond mending, and all syntax problems of the file."""
    problems = Problems(source)
    scanned = _scan_within_limits(source, problems)
    if scanned is None:
        return File(()), tuple(problems.found)
    return _file_of(source, scanned, problems)


def parse_traced(source: Source) -> tuple[File, tuple[Diagnostic, ...], list[Token]]:
    """`parse`, and the tokens as the parser took them: `kind` is the terminal each was, which tells keyword from
    name. Those of items beyond mending are missing."""
    problems = Problems(source)
    scanned = _scan_within_limits(source, problems)
    if scanned is None:
        return File(()), tuple(problems.found), []
    taken: list[Token] = []
    file, found = _file_of(source, scanned, problems, taken)
    return file, found, taken


def _file_of(
    source: Source, scanned: Scan, problems: Problems, taken: list[Token] | None = None
) -> tuple[File, tuple[Diagnostic, ...]]:
    _comments_said(source, scanned, problems)
    recovery = _run(scanned, problems, "start", taken)
    file = recovery.machine.values[-1] if recovery.finished else None
    if not isinstance(file, File):
        file = File((), scanned.comments)
    file = File(file.items, file.comments, tuple(dict.fromkeys(recovery.broken)), span=Span(0, len(source.text)))
    return file, _in_order(problems)


def parse_expression(text: str, name: str = "<expression>") -> tuple[Expr | None, tuple[Diagnostic, ...]]:
    """The tree of one expression, or None with the problems that keep it from being one."""
    source = Source(name, text)
    problems = Problems(source)
    scanned = _scan_within_limits(source, problems)
    if scanned is None:
        return None, tuple(problems.found)
    recovery = _run(scanned, problems, "expression")
    return (recovery.machine.values[-1] if recovery.finished else None), _in_order(problems)


def read_source(path: str | Path, name: str | None = None) -> tuple[Source, tuple[Diagnostic, ...]]:
    """The text of a file; what is not UTF-8 or cannot be read becomes a diagnostic (and the text so far)."""
    label = name or str(path)
    try:
        with open(path, "rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except OSError as error:
        source = Source(label, "")
        problems = Problems(source)
        problems.add(codes.UNREADABLE, NOWHERE, why=(error.strerror or str(error)).lower(), help="check the path")
        return source, tuple(problems.found)
    if len(data) > LARGEST_FILE:
        source = Source(label, "")
        return source, _too_large(source)
    return decode_source(data, label)


def decode_source(data: bytes, name: str) -> tuple[Source, tuple[Diagnostic, ...]]:
    """`data` as a source text; line ends become `\\n`, a byte-order mark is dropped."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8-sig")
        source = Source(name, before)
        problems = Problems(source)
        end = Span(len(before), len(before))
        problems.add(codes.NOT_UTF8, end, position=error.start, help="save the file as UTF-8 (the editor's `encoding`)")
        return source, tuple(problems.found)
    return Source(name, text.replace("\r\n", "\n").replace("\r", "\n")), ()


def _run(scanned: Scan, problems: Problems, start: str, taken: list[Token] | None = None) -> Recovery:
    """Feed all tokens; where the machine refuses one, recovery mends, reports or skips, and the parse goes on."""
    machine = Machine(TreeBuilder(problems, scanned.comments), start, DEEPEST)
    lexer = Lexer(scanned, machine)
    recovery = Recovery(machine, lexer, problems, end_is_known=scanned.unclosed_comment is not None)
    while not recovery.finished:
        if len(problems.found) > MOST_MISTAKES:
            del problems.found[MOST_MISTAKES:]
            problems.add(
                codes.TOO_MANY_ERRORS, lexer.raw[lexer.index].span, count=MOST_MISTAKES, help="mend these first"
            )
            break
        token, following = lexer.peek()
        try:
            if recovery.intercepted(token):
                continue
            if machine.feed(token):
                recovery.finished = token.kind == END
                lexer.index = following
                if taken is not None:
                    taken.append(token)
            else:
                recovery.refused(token)
        except TooDeep as error:
            recovery.too_deep(error.span, DEEPEST)
    return recovery


def _scan_within_limits(source: Source, problems: Problems) -> Scan | None:
    text = source.text
    if len(text) > LARGEST_FILE or (
        len(text) * 4 > LARGEST_FILE and len(text.encode("utf-8", "surrogatepass")) > LARGEST_FILE
    ):
        problems.found += _too_large(source)
        return None
    scanned = scan(source, MOST_TOKENS)
    if not scanned.complete:
        problems.add(
            codes.TOO_LARGE,
            scanned.tokens[-2 if len(scanned.tokens) > 1 else -1].span,
            what=f"a file may hold {MOST_TOKENS:,} words and signs, and this one holds more",
            help="split the file, and bring the parts together with `import`",
        )
        return None
    return scanned


def _too_large(source: Source) -> tuple[Diagnostic, ...]:
    problems = Problems(source)
    problems.add(
        codes.TOO_LARGE,
        NOWHERE,
        what="a file may have 1 MiB, and this one has more",
        help="split the file, and bring the parts together with `import`",
    )
    return tuple(problems.found)


def _comments_said(source: Source, scanned: Scan, problems: Problems) -> None:
    if scanned.unclosed_comment is not None:
        problems.add(codes.UNCLOSED_COMMENT, scanned.unclosed_comment, help="close it with `*/`")
    for comment in scanned.comments[:5]:
        if comment.text.startswith("//@version"):
            problems.add(
                codes.PINE_VERSION, comment.span, text=comment.text, help="write `lingua 1` to name the edition"
            )


def _in_order(problems: Problems) -> tuple[Diagnostic, ...]:
    return tuple(sorted(problems.found, key=lambda found: found.span.start))
