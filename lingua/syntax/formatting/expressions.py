"""Expressions as documents. Parentheses are written where the tree has them, and added where it needs them."""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

from lingua.syntax import nodes as n
from lingua.syntax.formatting.documents import Doc, Group, Line, Nest, Text, commas
from lingua.syntax.source import NOWHERE, Source, Span
from lingua.syntax.walk import postorder

# How tightly a form binds; a part that binds less than its place asks for gets parentheses.
(CHOICE, COALESCE, OR, AND, NOT, COMPARISON, SUM, PRODUCT, UNARY, POWER, POSTFIX, ATOM) = range(12)
BINARY = {
    "??": (COALESCE, COALESCE, OR),
    "or": (OR, OR, AND),
    "and": (AND, AND, NOT),
    "+": (SUM, SUM, PRODUCT),
    "-": (SUM, SUM, PRODUCT),
    "*": (PRODUCT, PRODUCT, UNARY),
    "/": (PRODUCT, PRODUCT, UNARY),
    "^": (POWER, POSTFIX, UNARY),
}
ESCAPES = str.maketrans(
    {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}
    | {
        chr(code): f"\\u{code:04x}"
        for code in (*range(32), 127, 0x85, 0xA0, 0x2028, 0x2029, 0xFEFF)
        if code not in (9, 10)
    }
)

Spelling = Callable[[str], str]


def level(node: n.Expr) -> int:
    """How tightly `node` binds."""
    match node:
        case n.If(ternary=True) | n.If() | n.Match():
            return CHOICE
        case n.Binary(op, _, _):
            return BINARY[op][0]
        case n.Unary(op, _):
            return NOT if op == "not" else UNARY
        case n.Compare() | n.IsNa() | n.In():
            return COMPARISON
        case n.Index() | n.Field() | n.Call() | n.At():
            return POSTFIX
        case _:
            return ATOM


def quoted(value: str) -> str:
    """`value` as a text in quotes."""
    return '"' + value.translate(ESCAPES) + '"'


class ExpressionPrinter:
    """Writes expressions; `spell` gives the name under which a called function is written."""

    def __init__(self, source: Source, spell: Spelling) -> None:
        self.source = source
        self.spell = spell

    def expression(self, root: n.Expr, least: int = CHOICE) -> Doc:
        """`root` as a document, in parentheses if it binds less than `least`."""
        made: dict[int, Doc] = {}
        for node in postorder(root):
            if id(node) not in made:
                made[id(node)] = self._node(node, made)
        return self._part(root, least, made)

    def literal(self, text: str, span: Span) -> Text:
        """A literal as the source has it if that is the same number (`100_000`), else `text`."""
        if span != NOWHERE:
            written = self.source.excerpt(span)
            if written.replace("_", "") == text and not written.startswith("."):
                return Text(written, span.start, span.end)
            return Text(text, span.start, span.end)
        return Text(text)

    def name(self, text: str, span: Span) -> Text:
        return Text(text) if span == NOWHERE else Text(text, span.start, span.end)

    def _part(self, node: n.Expr, least: int, made: dict[int, Doc]) -> Doc:
        doc = made[id(node)]
        if level(node) < least:
            return ["(", Group(doc), ")"]
        return Group(doc) if isinstance(doc, list) and level(node) < UNARY else doc

    def _node(self, node: n.Expr, made: dict[int, Doc]) -> Doc:
        def part(child: n.Expr, least: int = CHOICE) -> Doc:
            return self._part(child, least, made)

        match node:
            case n.Number(text) | n.Ratio(text) | n.RMultiple(text):
                return self.literal(text, node.span)
            case n.Duration(count, unit):
                return self.literal(f"{count}{unit}", node.span)
            case n.Quantity(text, _, unit):
                return self._quantity(text, unit, node.span)
            case n.String(value):
                return self.name(quoted(value), node.span)
            case n.Bool(value):
                return self.name("true" if value else "false", node.span)
            case n.Na():
                return self.name("na", node.span)
            case n.Name(name):
                return self.name(name, node.span)
            case n.Paren(inner):
                return [Text("("), Group(Nest(1, part(inner))), Text(")")]
            case n.ListExpr(items):
                return self._listed("[", [part(item) for item in items], "]")
            case n.SetExpr(items):
                return self._listed("{", [part(item) for item in items], "}")
            case n.Unary("not", operand):
                return [Text("not"), " ", part(operand, NOT)]
            case n.Unary(_, operand):
                # `--x` would be read as one sign.
                gap = " " if isinstance(operand, n.Unary) and operand.op == "-" else ""
                return [Text("-"), gap, part(operand, UNARY)]
            case n.Binary(op, left, right):
                _, least_left, least_right = BINARY[op]
                return self._chain(left, op, right, least_left, least_right, made)
            case n.Compare(op, left, right):
                return [part(left, SUM), Nest(4, [Line(), Text(op), " ", part(right, SUM)])]
            case n.IsNa(operand, negated):
                sign: list[Doc] = [Text("not"), " "] if negated else []
                return [part(operand, SUM), " ", Text("is"), " ", *sign, Text("na")]
            case n.In(operand, low, high):
                ends: list[Doc] = [part(low, SUM)] if high is None else [part(low, SUM), Text(".."), part(high, SUM)]
                return [part(operand, SUM), " ", Text("in"), " ", *ends]
            case n.If(condition, then, otherwise, ternary=True):
                rest: list[Doc] = [Line(), Text("?"), " ", part(then), Line(), Text(":"), " ", part(otherwise)]
                return [part(condition, COALESCE), Nest(4, rest)]
            case n.If(condition, then, otherwise):
                branches: list[Doc] = [
                    Line(),
                    Text("then"),
                    " ",
                    part(then),
                    Line(),
                    Text("else"),
                    " ",
                    part(otherwise),
                ]
                return [Text("if"), " ", part(condition), Nest(4, branches)]
            case n.Match(arms, otherwise):
                lines: list[Doc] = []
                for case, result in arms:
                    lines += [Line(), part(case), " ", Text("=>"), " ", part(result), Text(",")]
                lines += [Line(), Text("else"), " ", Text("=>"), " ", part(otherwise)]
                return [Text("match"), " ", Text("{"), Nest(2, lines), Line(), Text("}")]
            case n.Index(operand, offset):
                return [part(operand, POSTFIX), Text("["), part(offset), Text("]")]
            case n.Field(operand, name):
                return [part(operand, POSTFIX), Text("."), self.name(name, node.name_span)]
            case n.Call(function, args):
                return self._call(function, args, made)
            case n.At(operand, clock):
                return [part(operand, POSTFIX), Text("@"), made[id(clock)]]
            case n.Fold(kind, variable, low, high, body):
                head: list[Doc] = [Text(kind), " ", Text("over"), " ", Text("("), Text(variable), " ", Text("in"), " "]
                ends = [part(low, SUM), Text(".."), part(high, SUM), Text(":")]
                return [*head, *ends, Group(Nest(4, [Line(), part(body)])), Text(")")]
            case _:
                assert_never(node)

    def _chain(
        self, left: n.Expr, op: str, right: n.Expr, least_left: int, least_right: int, made: dict[int, Doc]
    ) -> Doc:
        """`a + b + c` as one list, so that all its lines break alike."""
        if op == "^":
            return [self._part(left, least_left, made), " ", Text(op), " ", self._part(right, least_right, made)]
        tail: Doc = Nest(4, [Line(), Text(op), " ", self._part(right, least_right, made)])
        so_far = made[id(left)]
        if isinstance(left, n.Binary) and level(left) == BINARY[op][0] and isinstance(so_far, list):
            return [*so_far, tail]
        return [self._part(left, least_left, made), tail]

    def _call(self, function: n.Expr, args: tuple[n.Arg, ...], made: dict[int, Doc]) -> Doc:
        name = made[id(function)]
        if isinstance(function, n.Name) and isinstance(name, Text):
            name = Text(self.spell(function.name), name.start, name.end)
        written = [self._arg(arg, made) for arg in args]
        return [name if level(function) >= POSTFIX else ["(", name, ")"], *self._listed("(", written, ")")]

    def argument(self, arg: n.Arg) -> Doc:
        """`fast: 10`"""
        made: dict[int, Doc] = {}
        for root in (arg.value, arg.up_to):
            for node in postorder(root) if root is not None else ():
                made[id(node)] = self._node(node, made)
        return self._arg(arg, made)

    def _arg(self, arg: n.Arg, made: dict[int, Doc]) -> Doc:
        parts: list[Doc] = []
        if arg.name is not None:
            start = arg.span.start if arg.span != NOWHERE else -1
            parts += [Text(arg.name, start, start + len(arg.name) if start >= 0 else -1), Text(":"), " "]
        parts.append(self._part(arg.value, CHOICE, made))
        if arg.up_to is not None:
            parts += [" ", Text("up"), " ", Text("to"), " ", self._part(arg.up_to, SUM, made)]
        return parts

    def _listed(self, opening: str, items: list[Doc], closing: str) -> list[Doc]:
        if not items:
            return [Text(opening), Text(closing)]
        return [Text(opening), Group([Nest(2, [Line(""), *commas(items)]), Line(""), Text(closing)])]

    def _quantity(self, text: str, unit: str, span: Span) -> Text:
        if span == NOWHERE:
            return Text(f"{text} {unit}")
        digits = self.source.excerpt(span).rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz").rstrip()
        if digits.replace("_", "") != text:
            digits = text
        return Text(f"{digits} {unit}", span.start, span.end)
