"""Items as documents: one per line, two columns further in for each block, long rules broken before `=>` and `with`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import assert_never

from lingua.syntax import nodes as n
from lingua.syntax.formatting.actions import GUARDED, ActionPrinter, joined
from lingua.syntax.formatting.blocks import Entry, braced
from lingua.syntax.formatting.comments import Comments
from lingua.syntax.formatting.documents import HARD, Doc, Group, Line, Nest, Text, commas, flat_width
from lingua.syntax.formatting.expressions import SUM, Spelling, quoted
from lingua.syntax.source import NOWHERE, Source, Span

WIDTH = 100
Part = n.Top | n.Item | n.Given | n.Using | n.Expect | n.Capital | n.Run | n.Allocate

# Words that would be read as the unit of a number, or as going on with a value, on the line before.
_UNIT = re.compile(r"bars?|shares?|lots?|contracts?|ticks?|per|for|crosses|[A-Z]{3,5}")


class ItemPrinter(ActionPrinter):
    """Writes items; what stands between them, comments and blank lines, is laid out by `blocks`."""

    def __init__(self, source: Source, comments: Comments, spell: Spelling) -> None:
        super().__init__(source, spell)
        self.comments = comments

    def item(self, node: Part, indent: int) -> Doc:
        """`node` as a document that starts `indent` columns in."""
        match node:
            case n.Edition(number):
                return [Text("lingua"), " ", Text(str(number))]
            case n.Import(path, alias):
                named: list[Doc] = [" ", Text("as"), " ", Text(alias)] if alias is not None else []
                return [Text("import"), " ", Text(quoted(path)), *named]
            case n.Const(name, type, value):
                return self._definition("const", self.name(name, node.name_span), type, value)
            case n.Fn():
                return self._function(node, indent)
            case n.Extern(name, params, returns, source):
                head = [*self.words("extern fn"), " ", self.name(name, node.name_span), *self._params(params)]
                return [*head, " ", Text("->"), " ", self.type(returns), " ", Text("from"), " ", Text(quoted(source))]
            case n.Universe(name, count, by, source, refresh):
                parts: list[Doc] = [
                    Text("universe"),
                    " ",
                    self.name(name, node.name_span),
                    " ",
                    Text("="),
                    " ",
                    Text("top"),
                    " ",
                ]
                parts += [self.expression(count), " ", Text("by"), " ", self.expression(by), " ", Text("from"), " "]
                return [*parts, Text(quoted(source)), *self._refresh(refresh)]
            case n.Strategy(name, items):
                head = [Text("strategy"), " ", self.name(name, node.name_span)]
                return self._block(head, items, node.span, indent, node.name_span.end)
            case n.Portfolio(name, parts_):
                head = [Text("portfolio"), " ", self.name(name, node.name_span)]
                return self._block(head, parts_, node.span, indent, node.name_span.end)
            case n.Test(title, strategy, parts_):
                head = [Text("test"), " ", Text(quoted(title))]
                head += [" ", Text("for"), " ", Text(strategy)] if strategy else []
                return self._block(head, parts_, node.span, indent, node.span.start)
            case n.Param():
                return self._param(node)
            case n.Indicator(name, type, value):
                return self._definition("indicator", self.name(name, node.name_span), type, value)
            case n.Let(names, type, value):
                return self._let(node, names, type, value)
            case n.State(name, type, init, next):
                head = self._typed("state", self.name(name, node.name_span), type)
                rest: list[Doc] = [Line(), Text("=>"), " ", self.expression(next)]
                return [*head, " ", Text("="), " ", self.expression(init), Group(Nest(4, rest))]
            case n.Rule():
                return self._rule(node, indent)
            case n.Signal(name, clauses):
                written = commas(self._clause(clause) for clause in clauses)
                return [
                    Text("signal"),
                    " ",
                    self.name(name, node.name_span),
                    " ",
                    Text("="),
                    " ",
                    Group(Nest(2, written)),
                ]
            case n.Filter(name, condition):
                return [
                    Text("filter"),
                    " ",
                    self.name(name, node.name_span),
                    Text(":"),
                    " ",
                    self.expression(condition),
                ]
            case n.Data(name, symbol, timeframe):
                head = [Text("data"), " ", self.name(name, node.name_span), " ", Text("="), " "]
                return [*head, self.symbol(symbol), *self.clock(timeframe)]
            case n.Trade(symbols, timeframe):
                return [Text("trade"), " ", Group(Nest(4, self.symbols(symbols))), *self.clock(timeframe)]
            case n.Size(amount):
                return [Text("size"), Text(":"), " ", self.amount(amount)]
            case n.Direction(value):
                return [Text("direction"), " ", Text(value)]
            case n.Pyramid(count, step):
                return [Text("pyramid"), " ", Text(str(count)), " ", Text("step"), " ", self.expression(step)]
            case n.Protect(exits):
                return self._entries("protect", [(exit, self.exit(exit)) for exit in exits], ",", node.span, indent)
            case n.Risk(limits):
                return self._entries("risk", [(limit, self._limit(limit)) for limit in limits], ";", node.span, indent)
            case n.Execution(settings):
                return self._settings("execution", settings, node.span, indent)
            case n.Optimize(settings):
                return self._settings("optimize", settings, node.span, indent)
            case n.Require(condition):
                return [Text("require"), Text(":"), " ", self.expression(condition)]
            case n.Plot(values, pane):
                shown = commas(self.expression(value) for value in values)
                panes: list[Doc] = [" ", Text("pane"), " ", Text(quoted(pane))] if pane is not None else []
                return [Text("plot"), Text(":"), " ", Group(Nest(4, shown)), *panes]
            case n.Alert(name, condition, message):
                head = [Text("alert"), " ", self.name(name, node.name_span), Text(":"), " ", self.expression(condition)]
                return [*head, Group(Nest(2, [Line(), Text("=>"), " ", Text(quoted(message))]))]
            case n.Given():
                return self._given(node)
            case n.Using(args):
                return [Text("using"), " ", Group(Nest(4, [*self._args(args)]))]
            case n.Expect():
                return self._expect(node)
            case n.Capital(value):
                return [Text("capital"), " ", self.expression(value)]
            case n.Run():
                return self._run(node)
            case n.Allocate(value, refresh):
                return [Text("allocate"), " ", self.expression(value), *self._refresh(refresh)]
            case _:
                assert_never(node)

    # --- blocks ----------------------------------------------------------------------------------

    def entry(self, item: Part, indent: int) -> Entry:
        """An item with the comments inside it, as an entry of its block."""
        doc = self.item(item, indent)
        self.comments.attach(doc, item.span)
        return Entry(item.span, doc, isinstance(item, n.Strategy | n.Portfolio | n.Test) or _is_block(item))

    def entries(self, items: Sequence[Part], indent: int) -> list[Entry]:
        """The items of a block. After a bare verb `trade` could be an amount: there a `;` ends the rule."""
        found: list[Entry] = []
        for place, item in enumerate(items):
            entry = self.entry(item, indent)
            if place + 1 < len(items) and _ends_bare(item) and _reads_as_amount(items[place + 1]):
                entry = Entry(entry.span, [entry.doc, ";"], entry.is_large)
            found.append(entry)
        return found

    def _block(self, head: list[Doc], items: Sequence[Part], span: Span, indent: int, after: int) -> Doc:
        """`strategy S { … }`, an item a line."""
        inside = self.comments.inside(span, after)
        self.comments.attach(head, Span(span.start, inside.start))
        return [*head, " ", *braced(self.entries(items, indent + 2), self.comments, inside)]

    def _entries(
        self, word: str, entries: Sequence[tuple[n.Limit | n.Setting | n.Exit, Doc]], sign: str, span: Span, indent: int
    ) -> Doc:
        """`risk { a; b }` on one line if it fits and holds no comment, else an entry a line."""
        head: list[Doc] = [Text(word), " "]
        if not self.comments.within(span):
            flat: list[Doc] = [*head, Text("{"), " " if entries else ""]
            for place, (_, doc) in enumerate(entries):
                flat += [Text(sign), " ", doc] if place else [doc]
            flat += [" " if entries else "", Text("}")]
            if not entries or flat_width(flat) <= WIDTH - indent:
                return flat
        inside = self.comments.inside(span, span.start)
        self.comments.attach(head, Span(span.start, inside.start))
        lines: list[Entry] = []
        for place, (node, doc) in enumerate(entries):
            self.comments.attach(doc, node.span)
            following = entries[place + 1][0] if place + 1 < len(entries) else None
            unit = isinstance(following, n.Limit | n.Setting) and _UNIT.fullmatch(following.name)
            lines.append(Entry(node.span, [doc, ";"] if unit else doc))
        return [*head, *braced(lines, self.comments, inside)]

    def _settings(self, word: str, settings: tuple[n.Setting, ...], span: Span, indent: int) -> Doc:
        return self._entries(word, [(setting, self._setting(setting)) for setting in settings], ";", span, indent)

    def _setting(self, setting: n.Setting) -> Doc:
        parts: list[Doc] = [self.name(setting.name, setting.name_span), Text(":")]
        for word in setting.words:
            parts += [" ", Text(word)]
        if isinstance(setting.value, n.Name) and setting.value.span == NOWHERE:
            # A bare word would be one of `words`.
            parts += [" (", self.expression(setting.value), ")"]
        elif setting.value is not None:
            parts += [" ", self.expression(setting.value)]
        return parts + ([" ", Text("per"), " ", Text(setting.per)] if setting.per else [])

    def _limit(self, limit: n.Limit) -> Doc:
        parts: list[Doc] = [self.name(limit.name, limit.name_span), " ", self.expression(limit.value)]
        parts += [" ", Text("per"), " ", Text(limit.per)] if limit.per else []
        if limit.effect is not None:
            parts += [" ", Text("=>"), " ", Text(limit.effect)]
            if limit.lasting is not None:
                parts += [" ", Text("for"), " ", self.expression(limit.lasting)]
        return parts

    # --- definitions -------------------------------------------------------------------------------

    def type(self, type: n.TypeRef) -> Doc:
        parts: list[Doc] = (
            [self.name(type.name, Span(type.span.start, type.span.start + len(type.name)))]
            if (type.span != NOWHERE)
            else [Text(type.name)]
        )
        if type.args:
            parts.append(Text("<"))
            for place, arg in enumerate(type.args):
                written: Doc = Text(str(arg)) if isinstance(arg, int) else self.type(arg)
                parts += [Text(","), " ", written] if place else [written]
            parts.append(Text(">"))
        return parts + ([Text("["), Text(type.suffix), Text("]")] if type.suffix is not None else [])

    def _typed(self, word: str, name: Doc, type: n.TypeRef | None) -> list[Doc]:
        typed: list[Doc] = [Text(":"), " ", self.type(type)] if type is not None else []
        return [Text(word), " ", name, *typed]

    def _definition(self, word: str, name: Doc, type: n.TypeRef | None, value: n.Expr) -> Doc:
        return [*self._typed(word, name, type), " ", Text("="), " ", self.expression(value)]

    def _let(self, node: n.Let, names: tuple[str, ...], type: n.TypeRef | None, value: n.Expr) -> Doc:
        spans = node.name_spans or (NOWHERE,) * len(names)
        written: list[Doc] = []
        for name, span in zip(names, spans, strict=True):
            written += [Text(","), " ", self.name(name, span)] if written else [self.name(name, span)]
        if len(names) > 1:
            written = [Text("("), *written, Text(")")]
        return self._definition("let", written, type, value)

    def _param(self, node: n.Param) -> Doc:
        parts = self._typed("param", self.name(node.name, node.name_span), node.type)
        parts += [" ", Text("="), " ", self.expression(node.default, SUM)]
        if node.choices is not None:
            listed = commas(self.expression(choice) for choice in node.choices)
            parts += [" ", Text("in"), " ", Text("{"), Group(Nest(4, listed)), Text("}")]
        elif node.low is not None and node.high is not None:
            parts += [" ", Text("in"), " ", self.expression(node.low, SUM), Text(".."), self.expression(node.high, SUM)]
        if node.step is not None:
            parts += [" ", Text("step"), " ", self.expression(node.step, SUM)]
        return parts

    def _clause(self, clause: n.SignalClause) -> Doc:
        words = "confidence" if clause.kind == "confidence" else f"{clause.kind} when"
        return [*self.words(words), " ", self.expression(clause.value)]

    def _refresh(self, period: n.Duration | None) -> list[Doc]:
        return [] if period is None else [" ", Text("refresh"), " ", self.expression(period)]

    # --- functions ---------------------------------------------------------------------------------

    def _params(self, params: tuple[n.FnParam, ...]) -> list[Doc]:
        written: list[Doc] = []
        for param in params:
            one: list[Doc] = [self.name(param.name, param.name_span)]
            one += [Text(":"), " ", self.type(param.type)] if param.type is not None else []
            one += [" ", Text("="), " ", self.expression(param.default)] if param.default is not None else []
            written.append(one)
        return [Text("("), Group(Nest(4, commas(written))), Text(")")]

    def _function(self, node: n.Fn, indent: int) -> Doc:
        head: list[Doc] = [Text("fn"), " ", self.name(node.name, node.name_span), *self._params(node.params)]
        if node.returns is not None:
            head += [" ", Text("->"), " ", self.type(node.returns)]
        if not node.is_block:
            return [*head, " ", Text("="), " ", self.expression(node.result)]
        last = node.returns or (node.params[-1] if node.params else None)
        inside = self.comments.inside(node.span, last.span.end if last is not None else node.name_span.end)
        self.comments.attach(head, Span(node.span.start, inside.start))
        entries = self.entries(node.body, indent + 2)
        result: Doc = [Text("return"), " ", self.expression(node.result)]
        span = self.comments.word_before("return", node.result.span)
        self.comments.attach(result, span)
        entries.append(Entry(span, result))
        return [*head, " ", *braced(entries, self.comments, inside)]

    # --- rules ---------------------------------------------------------------------------------------

    def _rule(self, node: n.Rule, indent: int) -> Doc:
        """On one line; else `with` on a line of its own; else `=>`, `with`, `&` and `else` too."""
        head: list[Doc] = [Text("rule"), " ", self.name(node.name, node.name_span)]
        head += [" ", Text("once")] if node.once else []
        if node.every is not None:
            head += [" ", Text("every"), " ", self.expression(node.every.period)]
        head += [Text(":"), " ", self.expression(node.condition)]
        groups = [("=>", self.group(node.group))]
        if node.otherwise is not None:
            groups.append(("else", self.group(node.otherwise)))
        parts = [(Text(word), group) for word, group in groups]
        flat = [head, *([" ", word, " ", joined(group, " ")] for word, group in parts)]
        self.comments.attach(flat, node.span)
        if flat_width(flat) <= WIDTH - indent:
            return flat
        first = parts[0][1]
        if len(parts) == 1 and len(first) == 1 and first[0].rest is not None:
            short: list[Doc] = [head, " ", parts[0][0], " ", first[0].core]
            if flat_width(short) <= WIDTH - indent:
                return [*short, Nest(2, [HARD, first[0].rest])]
        tail: list[Doc] = [
            [" " if place else "", word, " ", joined(group, " ")] for place, (word, group) in enumerate(parts)
        ]
        if flat_width(tail) <= WIDTH - indent - 2 and not any(action.rest for _, group in parts for action in group):
            return [head, Nest(2, [HARD, tail])]
        return [head, Nest(2, [[HARD, word, " ", Nest(3, joined(group, HARD))] for word, group in parts])]

    # --- tests and portfolios ---------------------------------------------------------------------------

    def _given(self, node: n.Given) -> Doc:
        parts: list[Doc] = [Text("given"), " "]
        parts += [Text(node.owner), Text(".")] if node.owner is not None else []
        parts.append(Text(node.name))
        if node.path is not None:
            return [*parts, " ", Text(quoted(node.path))]
        return [*parts, " ", Text("="), " ", *([self.expression(node.value)] if node.value is not None else [])]

    def _expect(self, node: n.Expect) -> Doc:
        parts: list[Doc] = [Text("expect"), " "]
        parts += [Text(node.mode), " "] if node.mode is not None else []
        parts.append(self.guarded(node.condition))
        if node.approximately is not None:
            parts += [" ", Text("~"), " ", self.expression(node.approximately)]
            if node.within is not None:
                parts += [" ", Text("within"), " ", self.expression(node.within)]
        return parts + (
            [" ", *self.words("at bar"), " ", self.expression(node.at_bar)] if node.at_bar is not None else []
        )

    def _run(self, node: n.Run) -> Doc:
        parts: list[Doc] = [Text("run"), " ", Text(node.strategy)]
        if node.args:
            parts += [Text("("), *self._args(node.args), Text(")")]
        parts += [" ", Text("on"), " ", Group(Nest(4, self.symbols(node.symbols))), *self.clock(node.timeframe)]
        return parts + ([" ", Text("weight"), " ", self.expression(node.weight)] if node.weight is not None else [])

    def _args(self, args: tuple[n.Arg, ...]) -> list[Doc]:
        return commas(self.argument(arg) for arg in args)


def _is_block(item: Part) -> bool:
    return isinstance(item, n.Fn) and item.is_block


def _ends_bare(item: Part) -> bool:
    """Whether `item` ends in a verb that could take an amount, or in `cancel`, which could take a name."""
    if not isinstance(item, n.Rule):
        return False
    last = (item.otherwise or item.group).actions[-1]
    return last == n.Action(last.verb)


def _reads_as_amount(item: Part) -> bool:
    return isinstance(item, n.Trade) and not item.symbols[0].quoted and item.symbols[0].name in GUARDED
