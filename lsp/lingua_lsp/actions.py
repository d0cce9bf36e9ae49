"""Code actions: the mend of every diagnostic, all mends at once, and changes of what is selected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types

from lingua.analysis.mends import mends
from lingua.analysis.refactors import attach_stop, extract_let, rule_at
from lingua.diagnostics.diagnostic import Diagnostic, Edit, Fix, Severity
from lingua.syntax.source import Span
from lingua_lsp.diagnostics import shown
from lingua_lsp.documents import Document
from lingua_lsp.results import options_of

if TYPE_CHECKING:
    from lingua_lsp.server import LinguaServer
    from lingua_lsp.workspace import Text

Kind = types.CodeActionKind
ADD_TEST = "lingua.addTest"
FIX_ALL = "source.fixAll.lingua"


def register(server: LinguaServer) -> None:
    options = types.CodeActionOptions(
        code_action_kinds=[Kind.QuickFix, Kind.RefactorExtract, Kind.RefactorRewrite, Kind.Refactor, Kind.SourceFixAll]
    )

    @server.on(types.TEXT_DOCUMENT_CODE_ACTION, options)
    def actions(params: types.CodeActionParams) -> list[types.CodeAction] | None:
        text = server.space.get(params.text_document.uri)
        if text is None:
            return None
        wanted = params.context.only

        def asks(kind: str) -> bool:
            return wanted is None or any(kind == each or kind.startswith(f"{each}.") for each in map(_value, wanted))

        span = text.document.span(params.range)
        found: list[types.CodeAction] = []
        if asks("quickfix"):
            found += _quick_fixes(server, text, span)
        if asks("refactor.rewrite"):
            for fix in attach_stop(text.view, span):
                found.append(_action(server, text.document, fix, Kind.RefactorRewrite))
        if asks("refactor.extract"):
            named = extract_let(text.view, span)
            if named is not None:
                found.append(_action(server, text.document, named, Kind.RefactorExtract))
        if asks("refactor"):
            rule = rule_at(text.view, span.start)
            if rule is not None:
                title = f"Add a test from the last bar on which `{rule[1]}` acted"
                argument = {"uri": text.document.uri, "strategy": rule[0], "rule": rule[1]}
                found.append(
                    types.CodeAction(title, Kind.Refactor, command=types.Command(title, ADD_TEST, arguments=[argument]))
                )
        # Not offered among others unless there is something to do.
        if asks("source.fixAll") or asks(FIX_ALL):
            every = fix_all(server, text)
            if every is not None:
                found.append(_action(server, text.document, every, Kind.SourceFixAll))
        return found

    @server.command(ADD_TEST)
    async def add_test(*arguments: Any) -> dict[str, Any]:
        """Arguments: `{uri, strategy, rule, bar}`; without `bar` the last one on which the rule acted."""
        given = server.plain(arguments[0]) if arguments else {}
        found = await server.results.test_from_bar(
            str(given.get("uri", "")), str(given.get("strategy", "")), str(given.get("rule", "")), given.get("bar"),
            options_of(given),
        )  # fmt: skip
        text = server.space.get(str(given.get("uri", "")))
        if found.get("problem"):
            server.window_show_message(types.ShowMessageParams(types.MessageType.Warning, str(found["problem"])))
        elif text is not None:
            end = len(text.document.source.text)
            lead = "\n" if text.document.source.text.endswith("\n") else "\n\n"
            edit = text.document.edit(Span(end, end), lead + found["test"])
            await server.workspace_apply_edit_async(
                types.ApplyWorkspaceEditParams(server.workspace_edit({text.document.uri: [edit]}), label="add a test")
            )
        return found


def _value(kind: Any) -> str:
    return str(getattr(kind, "value", kind))


def _quick_fixes(server: LinguaServer, text: Text, span: Span) -> list[types.CodeAction]:
    found: list[types.CodeAction] = []
    texts = server.space.open_texts()
    for problem in server.checker.now(text).problems:
        if problem.span.end < span.start or span.end < problem.span.start:
            continue
        for place, fix in enumerate(mends(text.view, problem, texts)):
            action = _action(server, text.document, fix, Kind.QuickFix)
            action.diagnostics = [shown(server, text.document, problem)]
            action.is_preferred = bool(problem.fixes) and place == 0
            found.append(action)
    return found


def _action(server: LinguaServer, document: Document, fix: Fix, kind: types.CodeActionKind) -> types.CodeAction:
    edits = [document.edit(edit.span, edit.text) for edit in fix.edits]
    return types.CodeAction(
        fix.title[:1].upper() + fix.title[1:], kind, edit=server.workspace_edit({document.uri: edits})
    )


def fix_all(server: LinguaServer, text: Text) -> Fix | None:
    """Every error's and warning's own fix, as far as they do not touch each other."""
    edits: list[Edit] = []
    count = 0
    for problem in server.checker.now(text).problems:
        if problem.severity is Severity.HINT or not problem.fixes or _removes(problem):
            continue
        fix = problem.fixes[0]
        if all(_apart(edit, other) for edit in fix.edits for other in edits):
            edits += fix.edits
            count += 1
    if not edits:
        return None
    return Fix(f"mend all ({count})", tuple(sorted(edits, key=lambda edit: edit.span.start)))


def _removes(problem: Diagnostic) -> bool:
    """Whether the fix takes a definition away: nothing to be done unasked."""
    return all(not edit.text for edit in problem.fixes[0].edits)


def _apart(edit: Edit, other: Edit) -> bool:
    return edit.span.end < other.span.start or other.span.end < edit.span.start
