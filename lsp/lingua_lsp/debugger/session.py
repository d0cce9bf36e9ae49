"""One debugging session: requests of the editor, and where the run stands.

A step over is a bar, a step into the next line of the strategy at this bar, a step out the next bar on which something
happened to an order; each of them, but for the last, also backwards.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import numpy as np

from lingua.backtest.tables import time_cells
from lingua_lsp.debugger.breakpoints import (
    EVENTS,
    Breakpoint,
    Stop,
    event_breakpoints,
    holes,
    line_breakpoint,
    log_places,
    next_stop,
)
from lingua_lsp.debugger.recording import NotAnswered, Recording, record
from lingua_lsp.debugger.statements import Statement, statements_of
from lingua_lsp.debugger.variables import Variables
from lingua_lsp.debugger.wire import Message, Wire

MOST_LOGGED = 500
CAPABILITIES = {
    "supportsConfigurationDoneRequest": True,
    "supportsConditionalBreakpoints": True,
    "supportsHitConditionalBreakpoints": True,
    "supportsLogPoints": True,
    "supportsStepBack": True,
    "supportsEvaluateForHovers": True,
    "supportsRestartRequest": True,
    "supportsTerminateRequest": True,
    "supportsCompletionsRequest": True,
    "supportsBreakpointLocationsRequest": True,
    "exceptionBreakpointFilters": [
        {"filter": name, "label": title, "default": is_on} for name, title, is_on in EVENTS
    ],
}  # fmt: skip


class Refused(Exception):
    """A request that cannot be carried out, in the user's words. `is_shown`: the user has to mend something."""

    def __init__(self, why: str, is_shown: bool = False) -> None:
        super().__init__(why)
        self.is_shown = is_shown


class Session:
    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.asked: Message = {}
        self.recording: Recording | None = None
        self.statements: list[Statement] = []
        self.variables: Variables | None = None
        self.moment = 0
        self.statement = 0
        self.is_at_end = False
        self._lines: dict[str, list[Message]] = {}
        self._breakpoints: list[Breakpoint] = []
        self._events: list[Breakpoint] = []
        self._event_names: list[str] = []
        self._first = 1
        self._after: list[Callable[[], None]] = []

    def run(self) -> None:
        """Serve one client until it leaves."""
        while (request := self.wire.read()) is not None:
            if request.get("type", "request") != "request":
                continue
            name = str(request.get("command", ""))
            handler = HANDLERS.get(name)
            try:
                if handler is None:
                    raise Refused(f"there is no request `{name}`")
                given = request.get("arguments")
                body = handler(self, given if isinstance(given, dict) else {})
                self.wire.answer(request, body)
            except Refused as problem:
                self.wire.refuse(request, str(problem), is_shown=problem.is_shown)
            except NotAnswered as problem:
                self.wire.refuse(request, str(problem))
            except Exception as fault:
                traceback.print_exc(file=sys.stderr)
                self.wire.refuse(request, f"{name}: {type(fault).__name__}: {fault}")
            after, self._after = self._after, []
            for each in after:
                each()
            if name in ("disconnect", "terminate"):
                return

    # --- begin and end -----------------------------------------------------------------------------

    def initialize(self, given: Message) -> Message:
        self._first = 1 if given.get("linesStartAt1", True) else 0
        return CAPABILITIES

    def launch(self, given: Message) -> Message:
        self.asked = given
        self._load()
        # Only now is it known which lines can be stood on.
        self._after.append(lambda: self.wire.event("initialized"))
        return {}

    def configuration_done(self, given: Message) -> Message:
        self._after.append(self._begin)
        return {}

    def restart(self, given: Message) -> Message:
        more = given.get("arguments")
        self.asked = more if isinstance(more, dict) and more.get("program") else self.asked
        self._load()
        self._after += [self._tell_breakpoints, self._begin]
        return {}

    def disconnect(self, given: Message) -> Message:
        return {}

    def terminate(self, given: Message) -> Message:
        self._after.append(lambda: self.wire.event("terminated"))
        return {}

    def _load(self) -> None:
        from lingua.compiler import CompileError
        from lingua.data.errors import DataError
        from lingua.diagnostics.render import render_all

        path = Path(str(self.asked.get("program") or ""))
        if path.suffix != ".lingua":
            raise Refused("`program` must be the file of a strategy, NAME.lingua", True)
        if not path.is_file():
            raise Refused(f"there is no file {path}", True)
        try:
            self.recording = record(path, str(self.asked.get("strategy") or ""), self.asked.get("data"), self.asked)
        except CompileError as problem:
            self._say(render_all(problem.problems) + "\n", "stderr")
            raise Refused(f"{path.name} has errors; the console shows them", True) from problem
        except DataError as problem:
            raise Refused(str(problem.in_project()), True) from problem
        except (ValueError, OSError) as problem:
            raise Refused(str(problem), True) from problem
        self.statements = statements_of(self.recording)
        self.variables = Variables(self.recording)
        self._set_lines()
        self._events = event_breakpoints(self._event_names, self.recording, self.statements)
        self.is_at_end = False

    def _begin(self) -> None:
        recording = self._recording
        result = recording.result
        self._say(result.summary() + "\n", "stdout")
        if self.asked.get("noDebug"):
            self.wire.event("terminated")
            return
        if self.asked.get("stopOnEntry", True):
            self._stand(Stop(recording.first_live, self._first_rule(), "entry", "the first bar on which rules can act"))
            return
        self.moment, self.statement = 0, -1
        self._go(is_back=False)

    def _first_rule(self) -> int:
        return next((at for at, each in enumerate(self.statements) if each.kind == "rule"), 0)

    @property
    def _recording(self) -> Recording:
        if self.recording is None:
            raise Refused("nothing has been launched")
        return self.recording

    # --- breakpoints -------------------------------------------------------------------------------

    def set_breakpoints(self, given: Message) -> Message:
        source = given.get("source")
        path = str(source.get("path") or "") if isinstance(source, dict) else ""
        asked = [each for each in given.get("breakpoints") or () if isinstance(each, dict)]
        self._lines[_real(path)] = asked
        if self.recording is None:
            return {"breakpoints": [{"verified": False, "message": "nothing has been launched yet"} for _ in asked]}
        if _real(self.recording.path) != _real(path):
            why = "the strategy that runs stands in another file"
            return {"breakpoints": [{"verified": False, "message": why} for _ in asked]}
        self._set_lines()
        return {"breakpoints": [self._shown(each) for each in self._breakpoints]}

    def _set_lines(self) -> None:
        recording = self._recording
        shift = 1 - self._first
        self._breakpoints = [
            line_breakpoint(number, {**each, "line": int(each.get("line", 0)) + shift}, recording, self.statements)
            for number, each in enumerate(self._lines.get(_real(recording.path), ()), 1)
        ]

    def _tell_breakpoints(self) -> None:
        """The program has been read again: lines and counts may be others."""
        for each in self._breakpoints:
            self.wire.event("breakpoint", {"reason": "changed", "breakpoint": self._shown(each)})

    def _shown(self, one: Breakpoint) -> Message:
        line = one.line - (1 - self._first)
        return {"id": one.id, "verified": not one.problem, "line": line, "message": one.problem or one.note}

    def set_exception_breakpoints(self, given: Message) -> Message:
        self._event_names = [str(each) for each in given.get("filters") or ()]
        if self.recording is not None:
            self._events = event_breakpoints(self._event_names, self.recording, self.statements)
        return {}

    def breakpoint_locations(self, given: Message) -> Message:
        first = int(given.get("line", 0)) + 1 - self._first
        last = int(given.get("endLine") or given.get("line") or 0) + 1 - self._first
        lines = sorted({each.line for each in self.statements if first <= each.line <= last})
        return {"breakpoints": [{"line": line - (1 - self._first)} for line in lines]}

    # --- moving ------------------------------------------------------------------------------------

    def proceed(self, given: Message) -> Message:
        self._after.append(lambda: self._go(is_back=False))
        return {"allThreadsContinued": True}

    def reverse_continue(self, given: Message) -> Message:
        self._after.append(lambda: self._go(is_back=True))
        return {}

    def next_bar(self, given: Message) -> Message:
        self._after.append(lambda: self._step(self.moment + 1, self.statement))
        return {}

    def bar_before(self, given: Message) -> Message:
        self._after.append(lambda: self._step(self.moment - 1, self.statement))
        return {}

    def next_line(self, given: Message) -> Message:
        is_last = self.statement + 1 >= len(self.statements)
        place = (self.moment + 1, 0) if is_last else (self.moment, self.statement + 1)
        self._after.append(lambda: self._step(*place))
        return {}

    def next_event(self, given: Message) -> Message:
        recording = self._recording
        every = event_breakpoints([name for name, _, _ in EVENTS], recording, self.statements)
        stop = next_stop(every, self.moment, len(self.statements), is_back=False)
        last = len(recording.moments) - 1
        found = Stop(stop.moment, stop.statement, "step", stop.why) if stop else Stop(last, self.statement, "step", END)
        self._after.append(lambda: self._stand(found))
        return {}

    def pause(self, given: Message) -> Message:
        self._after.append(lambda: self._stand(Stop(self.moment, max(self.statement, 0), "pause")))
        return {}

    def _step(self, moment: int, statement: int) -> None:
        last = len(self._recording.moments) - 1
        if moment > last:
            self.wire.event("terminated")
            return
        self._stand(Stop(max(moment, 0), max(statement, 0), "step", "the first bar" if moment < 0 else ""))

    def _go(self, *, is_back: bool) -> None:
        """To the next stop; at the end of the run it stands once more, so that one can go back from there."""
        recording = self._recording
        stop = next_stop([*self._breakpoints, *self._events], self.moment, self.statement, is_back=is_back)
        last = (len(recording.moments) - 1, len(self.statements) - 1)
        if not is_back:
            self._log((self.moment, self.statement), (stop.moment, stop.statement) if stop else last)
        if stop is not None:
            self._stand(stop)
        elif is_back:
            self._stand(Stop(0, 0, "step", "the first bar"))
        elif self.is_at_end:
            self.wire.event("terminated")
        else:
            self._stand(Stop(last[0], max(self.statement, 0), "step", END))
            self.is_at_end = True

    def _log(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        places = log_places(self._breakpoints, start, end)
        for moment, each in places[:MOST_LOGGED]:
            _, symbol, bar = self._recording.moments[moment].tolist()
            text = each.log
            for hole in holes(text):
                text = text.replace("{" + hole + "}", self._recording.watch(hole).cell(symbol, bar), 1)
            self._say(f"{self._where(symbol, bar)}: {text}\n", "console", each.line)
        if len(places) > MOST_LOGGED:
            self._say(f"… and {len(places) - MOST_LOGGED:,} more\n", "console")

    def _stand(self, stop: Stop) -> None:
        recording = self._recording
        self.moment, self.statement, self.is_at_end = stop.moment, stop.statement, False
        self._variables.clear()
        _, symbol, bar = recording.moments[stop.moment].tolist()
        body: Message = {"reason": stop.reason, "threadId": 1, "allThreadsStopped": True}
        if stop.why:
            body |= {"description": f"Stopped: {stop.why}", "text": stop.why}
        if stop.breakpoints:
            body["hitBreakpointIds"] = list(stop.breakpoints)
        self.wire.event("stopped", body)
        place = {"program": str(recording.path), "symbol": symbol, "bar": bar}
        self.wire.event("lingua/bar", place)

    def _say(self, text: str, category: str, line: int = 0) -> None:
        body: Message = {"category": category, "output": text}
        if line and self.recording is not None:
            body |= {"source": {"path": str(self.recording.path)}, "line": line - (1 - self._first)}
        self.wire.event("output", body)

    # --- looking -----------------------------------------------------------------------------------

    def threads(self, given: Message) -> Message:
        name = self.recording.program.name if self.recording is not None else "strategy"
        return {"threads": [{"id": 1, "name": name}]}

    def stack_trace(self, given: Message) -> Message:
        """The bar that is decided on; under it the last bars of the other symbols."""
        recording = self._recording
        ts, here, bar = recording.moments[self.moment].tolist()
        frames = [self._frame(here, bar, self.statements[max(self.statement, 0)].line)]
        for symbol, bars in enumerate(recording.bars):
            last = int(np.searchsorted(bars.ts, ts, side="right")) - 1
            if symbol != here and last >= 0:
                frames.append(
                    self._frame(symbol, last, frames[0]["line"] + 1 - self._first) | {"presentationHint": "subtle"}
                )
        return {"stackFrames": frames, "totalFrames": len(frames)}

    def _frame(self, symbol: int, bar: int, line: int) -> Message:
        path = self._recording.path
        return {
            "id": symbol + 1, "name": self._where(symbol, bar), "line": line - (1 - self._first), "column": self._first,
            "source": {"name": path.name, "path": str(path)},
        }  # fmt: skip

    def _where(self, symbol: int, bar: int) -> str:
        recording = self._recording
        time = time_cells(recording.bars[symbol].ts[bar : bar + 1])[0].removesuffix("T00:00:00Z")
        return f"{recording.names[symbol]} · bar {bar} · {time}"

    def _place(self, frame: object) -> tuple[int, int]:
        """Symbol and bar of a frame; without one of the first."""
        recording = self._recording
        ts, here, bar = recording.moments[self.moment].tolist()
        symbol = frame - 1 if isinstance(frame, int) and 0 < frame <= len(recording.bars) else here
        if symbol == here:
            return here, bar
        last = int(np.searchsorted(recording.bars[symbol].ts, ts, side="right")) - 1
        return (symbol, last) if last >= 0 else (here, bar)

    def scopes(self, given: Message) -> Message:
        return {"scopes": self._variables.scopes(*self._place(given.get("frameId")))}

    @property
    def _variables(self) -> Variables:
        if self.variables is None:
            raise Refused("nothing has been launched")
        return self.variables

    def variables_of(self, given: Message) -> Message:
        reference, start, count = (_number(given.get(name)) for name in ("variablesReference", "start", "count"))
        return {"variables": self._variables.get(reference, start, count)}

    def evaluate(self, given: Message) -> Message:
        """A series, a rule, or any expression of the language at the bar; in the console also `goto 120` and
        `goto 2012-03-01`."""
        text = str(given.get("expression") or "").strip()
        symbol, bar = self._place(given.get("frameId"))
        recording, variables = self._recording, self._variables
        if given.get("context") == "repl" and text.startswith("goto "):
            return self._goto(text.removeprefix("goto ").strip(), symbol)
        if text in {rule.name for rule in recording.program.rules}:
            found = variables.rule(text, symbol, bar)
        elif fields := [name for name in recording.series if name.startswith(f"{text}.")]:
            told = ", ".join(
                f"{name.removeprefix(text + '.')} {recording.series[name].cell(symbol, bar)}" for name in fields
            )
            found = {"value": told, "variablesReference": 0}
        else:
            found = variables.of(text, recording.watch(text), symbol, bar)
        return {"result": found["value"]} | {
            name: found[name] for name in ("type", "variablesReference", "indexedVariables") if name in found
        }

    def _goto(self, text: str, symbol: int) -> Message:
        recording = self._recording
        try:
            bar = recording.explainer.bar_at(text, symbol)
        except ValueError as problem:
            raise Refused(str(problem)) from None
        moment = int(recording.moment_of[symbol][bar])
        self._after.append(lambda: self._stand(Stop(moment, max(self.statement, 0), "goto")))
        return {"result": self._where(symbol, bar), "variablesReference": 0}

    def completions(self, given: Message) -> Message:
        text, column = str(given.get("text") or ""), _number(given.get("column")) - self._first
        before = text[:column]
        start = len(before) - len(before.split(" ")[-1].split("(")[-1])
        word = before[start:]
        recording = self._recording
        names = [
            *recording.series,
            *(rule.name for rule in recording.program.rules),
            *NAMES,
            *recording.result.parameters,
        ]
        return {
            "targets": [
                {"label": name, "start": start, "length": len(word)}
                for name in dict.fromkeys(names)
                if name.startswith(word)
            ]
        }


END = "the last bar"
NAMES = ("open", "high", "low", "close", "volume", "time", "bar", "position", "equity", "cash", "pnl", "entry")

HANDLERS: dict[str, Callable[[Session, Message], Message]] = {
    "initialize": Session.initialize, "launch": Session.launch, "configurationDone": Session.configuration_done,
    "restart": Session.restart, "disconnect": Session.disconnect, "terminate": Session.terminate,
    "setBreakpoints": Session.set_breakpoints, "setExceptionBreakpoints": Session.set_exception_breakpoints,
    "breakpointLocations": Session.breakpoint_locations, "continue": Session.proceed,
    "reverseContinue": Session.reverse_continue, "next": Session.next_bar, "stepBack": Session.bar_before,
    "stepIn": Session.next_line, "stepOut": Session.next_event, "pause": Session.pause, "threads": Session.threads,
    "stackTrace": Session.stack_trace, "scopes": Session.scopes, "variables": Session.variables_of,
    "evaluate": Session.evaluate, "completions": Session.completions,
}  # fmt: skip


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _real(path: str | Path) -> str:
    return os.path.normcase(os.path.realpath(path))


def serve() -> int:
    """Serve the editor that started this process, over standard input and output."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    Session(Wire(sys.stdin.buffer, answers)).run()
    return 0
