"""Backtests and tests run from the editor: their results, and the commands that start them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from lingua.analysis.chunks import Place
from lingua.analysis.view import View
from lingua.data.project import FILE_NAME
from lingua.syntax import nodes as ast
from lingua_lsp.documents import Document
from lingua_lsp.processes import JobFailed

if TYPE_CHECKING:
    from lingua_lsp.server import LinguaServer

BACKTEST, TEST, CHART, EXPLAIN = "lingua.backtest", "lingua.test", "lingua.chart", "lingua.explain"


QUIET_AFTER_S, LONGEST_QUIET_S, MOST_QUIET = 0.5, 30.0, 5
"""A run nobody asked for begins so late, takes at most so long, and is made for so many strategies of a file."""


@dataclass(frozen=True, slots=True)
class Run:
    """What a run gave, and of which text."""

    figures: dict[str, Any]
    text: str


class Results:
    """The last backtest of each strategy and the last run of each test, by address and name."""

    def __init__(self, server: LinguaServer) -> None:
        self.server = server
        self.runs: dict[tuple[str, str], Run] = {}
        self.tests: dict[tuple[str, str], Run] = {}
        self.running: dict[str, asyncio.Task[None]] = {}

    def values(self, document: Document, view: View, offset: int) -> dict[str, list[float | None]]:
        """Last values of the series of the strategy around a place, if it was run."""
        owner = view.chunks[view.chunk_at(offset)].owner
        for item in view.pieces[owner].items if owner >= 0 else ():
            if isinstance(item, ast.Strategy):
                run = self.runs.get((document.uri, item.name))
                values = run.figures.get("values") if run is not None else None
                return dict(values) if values else {}
        return {}

    def forget(self, uri: str) -> None:
        task = self.running.pop(uri, None)
        if task is not None:
            task.cancel()

    def is_stale(self, document: Document, run: Run) -> bool:
        return run.text != document.source.text

    async def backtest(self, uri: str, strategy: str, options: dict[str, Any], job: str = "backtest") -> dict[str, Any]:
        text = self.server.space.get(uri)
        if text is None:
            return {"problem": "the text is not open"}
        document = text.document
        name = strategy or next((item.name for _, item in text.view.strategies()), "")
        path = str(document.path) if document.path is not None else None
        async with self.server.working(f"Backtest {name}", cancellable=True) as progress:
            figures = await self._run(
                job, document.source.text, path, name, self.server.space.open_texts(), options, progress=progress
            )
        if not figures.get("problem"):
            self.runs[document.uri, name] = Run(figures, document.source.text)
        self._refresh()
        return figures

    def try_quietly(self, uri: str) -> None:
        """Run the strategies of a text whose bars a project file names, so that their figures are there."""
        text = self.server.space.get(uri)
        path = text.document.path if text is not None else None
        if not self.server.settings.autoBacktest or path is None:
            return
        if any((folder / FILE_NAME).is_file() for folder in path.parents):
            before = self.running.pop(uri, None)
            if before is not None:
                before.cancel()
            self.running[uri] = asyncio.get_running_loop().create_task(self._try_quietly(uri))

    async def _try_quietly(self, uri: str) -> None:
        await asyncio.sleep(QUIET_AFTER_S)
        text = self.server.space.get(uri)
        if text is None or text.document.path is None:
            return
        document = text.document
        for _, strategy in list(text.view.strategies())[:MOST_QUIET]:
            job = self.server.quiet.run(
                "backtest", document.source.text, str(document.path), strategy.name, self.server.space.open_texts(), {}
            )
            try:
                figures = await asyncio.wait_for(job, LONGEST_QUIET_S)
            except (JobFailed, TimeoutError):
                continue
            if not figures.get("problem"):
                self.runs[document.uri, strategy.name] = Run(figures, document.source.text)
                self._refresh()

    async def test(self, uri: str, only: str) -> dict[str, Any]:
        text = self.server.space.get(uri)
        if text is None:
            return {"problem": "the text is not open"}
        document = text.document
        path = str(document.path) if document.path is not None else None
        async with self.server.working("Tests", cancellable=True) as progress:
            found = await self._run(
                "tests", document.source.text, path, only, self.server.space.open_texts(), progress=progress
            )
        for outcome in found.get("tests", ()):
            for miss in outcome["misses"]:
                miss["range"] = self.server.plain(document.range(_span(miss["start"], miss["end"])))
            outcome["range"] = self.server.plain(document.range(_span(outcome["start"], outcome["start"])))
            self.tests[document.uri, outcome["title"]] = Run(outcome, document.source.text)
        self._refresh()
        return dict(found)

    async def explain(
        self, uri: str, strategy: str, rule: str, bar: str, symbol: int | None, options: dict[str, Any]
    ) -> dict[str, Any]:
        """Why a rule (every rule without a name) acted on a bar, or did not."""
        text = self.server.space.get(uri)
        if text is None:
            return {"problem": "the text is not open"}
        document = text.document
        path = str(document.path) if document.path is not None else None
        async with self.server.working(f"Why {rule}", cancellable=True) as progress:
            return await self._run(
                "explain", document.source.text, path, strategy, rule, bar, self.server.space.open_texts(), options,
                symbol, progress=progress,
            )  # fmt: skip

    async def test_from_bar(
        self, uri: str, strategy: str, rule: str, bar: int | None, options: dict[str, Any]
    ) -> dict[str, Any]:
        """A test block made of the bars before one on which a rule acted."""
        text = self.server.space.get(uri)
        if text is None:
            return {"problem": "the text is not open"}
        document = text.document
        path = str(document.path) if document.path is not None else None
        async with self.server.working(f"A test of {rule}", cancellable=True) as progress:
            return await self._run(
                "test_from_bar", document.source.text, path, strategy, rule, bar, self.server.space.open_texts(),
                options, progress=progress,
            )  # fmt: skip

    async def _run(self, job: str, *arguments: Any, progress: Any) -> dict[str, Any]:
        """Run a job beside the server. The client's cancel of its progress ends it."""
        work = asyncio.ensure_future(self.server.runs.run(job, *arguments, progress=progress))
        try:
            while not work.done():
                await asyncio.wait([work], timeout=0.1)
                if not work.done() and progress.is_cancelled():
                    work.cancel()
            return dict(work.result())
        except asyncio.CancelledError:
            work.cancel()
            if progress.is_cancelled():
                return {"problem": "cancelled"}
            raise
        except JobFailed as problem:
            return {"problem": str(problem)}

    def _refresh(self) -> None:
        workspace = self.server.client_capabilities.workspace
        if workspace is not None and workspace.code_lens is not None and workspace.code_lens.refresh_support:
            self.server.workspace_code_lens_refresh(None)


def _span(start: int, end: int) -> Any:
    from lingua.syntax.source import Span

    return Span(start, end)


NO_OPTIONS = frozenset({"uri", "strategy", "rule", "bar", "symbol_number"})


def options_of(given: dict[str, Any]) -> dict[str, Any]:
    """Of what a command was given, the options of the run."""
    return {name: value for name, value in given.items() if name not in NO_OPTIONS}


def register(server: LinguaServer) -> None:
    @server.command(BACKTEST)
    async def backtest(*arguments: Any) -> dict[str, Any]:
        """Arguments: `{uri, strategy, …options of the run}`."""
        given = server.plain(arguments[0]) if arguments else {}
        options = options_of(given)
        found = await server.results.backtest(str(given.get("uri", "")), str(given.get("strategy", "")), options)
        if found.get("problem") and server.settings.showProblems:
            server.window_show_message(types.ShowMessageParams(types.MessageType.Error, str(found["problem"])))
        return found

    @server.command(TEST)
    async def test(*arguments: Any) -> dict[str, Any]:
        """Arguments: `{uri, only}`."""
        given = server.plain(arguments[0]) if arguments else {}
        return await server.results.test(str(given.get("uri", "")), str(given.get("only", "")))

    @server.command(CHART)
    async def chart(*arguments: Any) -> dict[str, Any]:
        """Arguments: `{uri, strategy, …options of the run}`. The figures, and what is drawn of the run."""
        given = server.plain(arguments[0]) if arguments else {}
        return await server.results.backtest(
            str(given.get("uri", "")), str(given.get("strategy", "")), options_of(given), "chart"
        )

    @server.command(EXPLAIN)
    async def explain(*arguments: Any) -> dict[str, Any]:
        """Arguments: `{code}` for the page of a diagnostic, or `{uri, strategy, rule, bar, …options of the run}`: a
        number or a time, all rules without `rule`; with `symbol_number` of one traded symbol alone."""
        given = server.plain(arguments[0]) if arguments else {}
        if "code" in given:
            from lingua.diagnostics.pages import page

            found = page(str(given["code"])) if str(given["code"]).isalnum() else None
            return {"text": found.text} if found is not None else {"problem": "there is no such code"}
        strategy, rule = str(given.get("strategy", "")), str(given.get("rule", ""))
        number = given.get("symbol_number")
        return await server.results.explain(
            str(given.get("uri", "")), strategy, rule, str(given.get("bar", "-1")),
            number if isinstance(number, int) else None, options_of(given),
        )  # fmt: skip

    @server.on(types.TEXT_DOCUMENT_CODE_LENS, types.CodeLensOptions(resolve_provider=True))
    def lenses(params: types.CodeLensParams) -> list[types.CodeLens] | None:
        text = server.space.get(params.text_document.uri)
        if text is None:
            return None
        document, view = text.document, text.view
        found: list[types.CodeLens] = []
        for index, strategy in view.strategies():
            range = document.range(view.spanned(index, strategy.name_span))
            found.append(types.CodeLens(range, data={"uri": document.uri, "strategy": strategy.name}))
            run = server.results.runs.get((document.uri, strategy.name))
            if run is not None:
                found += _never(server, document, view, index, run)
        for index, item in view.items():
            if isinstance(item, ast.Test) and view.chunks[index].place in (Place.FILE, Place.ITEM):
                start = view.spanned(index, item.span).start
                found.append(
                    types.CodeLens(document.range(_span(start, start)), data={"uri": document.uri, "test": item.title})
                )
        return found

    @server.on(types.CODE_LENS_RESOLVE)
    def resolve(lens: types.CodeLens) -> types.CodeLens:
        data = server.plain(lens.data)
        uri = str(data.get("uri", ""))
        text = server.space.get(uri)
        if "strategy" in data and text is not None:
            name = str(data["strategy"])
            run = server.results.runs.get((uri, name))
            title = backtest_title(run.figures, server.results.is_stale(text.document, run)) if run else "▶ backtest"
            lens.command = types.Command(title, BACKTEST, arguments=[{"uri": uri, "strategy": name}])
        elif "test" in data and text is not None:
            title = str(data["test"])
            known = server.results.tests.get((uri, title))
            mark = "" if known is None else (" ✓ passed" if known.figures["passed"] else " ✗ failed")
            if known is not None and server.results.is_stale(text.document, known):
                mark += " (before the last change)"
            lens.command = types.Command(f"▶ test{mark}", TEST, arguments=[{"uri": uri, "only": title}])
        return lens


def backtest_title(figures: dict[str, Any], is_stale: bool) -> str:
    """`▶ backtest  +12.4% · Sharpe 1.24 · 34 trades  ▁▂▄▆█`"""
    words: list[str] = []
    if figures["total_return"] is not None:
        words.append(f"{figures['total_return']:+.1%}")
    if figures["sharpe"] is not None:
        words.append(f"Sharpe {figures['sharpe']:.2f}")
    words.append(f"{figures['trades']:,} trade{'s' if figures['trades'] != 1 else ''}")
    stale = "  (before the last change)" if is_stale else ""
    return f"▶ backtest  {' · '.join(words)}  {figures['curve']}{stale}"


def _never(server: LinguaServer, document: Document, view: View, opening: int, run: Run) -> list[types.CodeLens]:
    """Rules that did not act on a single bar of the last run."""
    found: list[types.CodeLens] = []
    for index, item in view.items():
        if (
            isinstance(item, ast.Rule)
            and view.chunks[index].owner == opening
            and run.figures["fired"].get(item.name) == 0
        ):
            range = document.range(view.spanned(index, item.name_span))
            title = f"never fires in {run.figures['bars']:,} bars"
            command = types.Command(
                title, BACKTEST, arguments=[{"uri": document.uri, "strategy": run.figures["strategy"]}]
            )
            found.append(types.CodeLens(range, command))
    return found
