"""Statements that Pine Script, EasyLanguage, thinkScript and Python have, each with what says the same in Lingua.

They are recognised by the text of their line where an item should start. `only_sure` leaves out the ones that could be
the rest of something broken above.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from lingua.diagnostics.codes import syntax as codes
from lingua.diagnostics.diagnostic import Code, Edit, Fix
from lingua.syntax.blocks import WHERE, block_of
from lingua.syntax.scanner import WORD, Token
from lingua.syntax.source import Span

if TYPE_CHECKING:
    from lingua.syntax.recovery import Recovery

LONGEST_LINE = 300


@dataclass(frozen=True, slots=True)
class Habit:
    """A line that begins with `pattern` gets `code`; `help` and `text` (a replacement of the line) may use its groups.

    `message` names the groups that fill the fields of the code's message.
    """

    pattern: str
    code: Code
    help: str | Callable[[re.Match[str]], str]
    message: dict[str, str]
    text: Callable[[re.Match[str]], str] | None = None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


def _habit(
    pattern: str,
    code: Code,
    help: str | Callable[[re.Match[str]], str],
    text: Callable[[re.Match[str]], str] | None = None,
    **message: str,
) -> Habit:
    return Habit(pattern, code, help, message, text)


def _condition(match: re.Match[str]) -> str:
    """The condition of an `if` statement, as Lingua would write it."""
    text = match.group("condition").strip().rstrip(":{").strip()
    text = re.sub(r"\bthen\b.*", "", text, flags=re.IGNORECASE).strip()
    if text.startswith("(") and text.endswith(")") and text.count("(") == 1:
        text = text[1:-1].strip()
    text = text.replace("&&", " and ").replace("||", " or ")
    text = re.sub(r"(?<![<>=!:])=(?![=>])", "==", text)
    text = re.sub(r"\s+", " ", text).strip()
    return text if 0 < len(text) <= 60 and text.count("(") == text.count(")") else "condition"


def _rule_for(match: re.Match[str]) -> str:
    line = match.group(0)
    then = re.search(r"\bthen\b", line, re.IGNORECASE)
    body = match.string[match.end() : match.end() + 200].split("\n")
    # The order stands after `then`, or on the line below.
    rest = (line[then.end() :] if then else "\n".join(body[:2])).lower()
    verb = "buy"
    for word in ("sell short", "sellshort", "sell", "close", "exit"):
        if word in rest:
            verb = {"sell short": "short", "sellshort": "short", "sell": "sell"}.get(word, "close")
            break
    return f"write a rule: `rule enter: {_condition(match)} => {verb}`"


def _order_for(match: re.Match[str]) -> str:
    text = match.group(0).lower()
    verb = "buy"
    if "sellshort" in text or "sell short" in text or "strategy.short" in text or "sell_to_open" in text:
        verb = "short"
    elif "buytocover" in text or "buy to cover" in text or "buy_to_close" in text:
        verb = "cover"
    elif text.startswith("sell") or "sell_to_close" in text:
        verb = "sell"
    elif "close" in text or "exit" in text:
        verb = "close"
    return f"write it in a rule: `rule enter: condition => {verb}`"


def _function(match: re.Match[str]) -> str:
    return f"write `fn {match.group('name')}({match.group('args')}) = …` at the top of the file"


def _declared(match: re.Match[str]) -> str:
    name, value = match.group("name"), match.group("value").strip().rstrip(";")
    return f"write `let {name} = {_short(value)}`"


def _state(match: re.Match[str]) -> str:
    name, value = match.group("name"), match.group("value").strip().rstrip(";")
    return f"a value that is kept from bar to bar is a state: `state {name} = {_short(value)} => prev`"


def _input(match: re.Match[str]) -> str:
    default = re.search(r"-?\d+(?:\.\d+)?", match.group("value"))
    return f"write `param {match.group('name')} = {default.group() if default else 14} in 5..50`"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return (line if len(line) <= 40 else line[:39] + "…") or "…"


_NAME = r"(?P<name>[A-Za-z_]\w*)"
_VALUE = r"(?P<value>[^\n]*)"
_BROKER = (
    r"(?P<word>strategy\s*\.\s*(?:entry|exit|close|close_all|order|cancel)|self\s*\.\s*(?:buy|sell)|AddOrder"
    r"|(?:[Bb]uy|[Ss]ell|SellShort|BuyToCover|[Ss]ell\s+[Ss]hort|[Bb]uy\s+[Tt]o\s+[Cc]over)\s*(?:\(|next\b|this\b|\d|all\b))"
)

# In order: the first that matches decides.
HABITS: tuple[Habit, ...] = (
    _habit(
        r"(?P<word>strategy|indicator|study)\s*\([^\n]*",
        codes.STRATEGY_CALL,
        "write `strategy Name { … }`; what is plotted and traded stands inside",
        word="word",
    ),
    _habit(_BROKER + r"[^\n]*", codes.ORDER_HABIT, _order_for),
    _habit(r"[Ii]f\b(?P<condition>[^\n]*)", codes.IF_STATEMENT, _rule_for),
    _habit(r"IF\b(?P<condition>[^\n]*)", codes.IF_STATEMENT, _rule_for),
    _habit(
        r"(?P<word>elif|else\s+if|else|elsif|end\s*if|endif|begin|end)\b[^\n]*",
        codes.ELSE_STATEMENT,
        "give each case a rule of its own, or choose a value: `if a > b then x else y`",
        word="word",
    ),
    _habit(
        r"(?P<word>for|while|repeat|loop)\b[^\n]*",
        codes.LOOP,
        "use a window (`highest(high, 20)`), a `state`, or a fold: `sum over (i in 0..9: close[i])`",
        word="word",
    ),
    _habit(
        r"(?i:(?P<word>inputs?))\s*:\s*" + _NAME + _VALUE,
        codes.INPUTS,
        _input,
    ),
    _habit(
        r"(?P<word>input|extern)\s+(?:(?:int|float|double|bool|string)\s+)?" + _NAME + r"\s*=(?!=)" + _VALUE,
        codes.INPUTS,
        _input,
    ),
    _habit(
        _NAME + r"\s*=\s*input\b" + _VALUE,
        codes.INPUTS,
        _input,
    ),
    _habit(
        r"(?i:(?P<word>vars?|variables?|arrays?))\s*:\s*" + _NAME + r"(?P<value>[^\n]*)",
        codes.DECLARATION,
        lambda match: f"a value that is kept from bar to bar is a state: `state {match.group('name')} = 0 => prev`",
        word="word",
    ),
    _habit(
        r"def\s+" + _NAME + r"\s*\((?P<args>[^\n)]*)\)[^\n]*",
        codes.FUNCTION_HABIT,
        _function,
    ),
    _habit(
        r"(?:export\s+|function\s+|func\s+|method\s+)*" + _NAME + r"\s*\((?P<args>[\w\s,=.]*)\)\s*=>[^\n]*",
        codes.FUNCTION_HABIT,
        _function,
    ),
    _habit(
        r"(?:function|func|fun|script|method)\s+" + _NAME + r"\s*\((?P<args>[^\n)]*)\)?[^\n]*",
        codes.FUNCTION_HABIT,
        _function,
    ),
    _habit(
        r"(?P<word>varip|var|rec)\s+(?:(?:int|float|double|bool|string|color)\s+)?" + _NAME + r"\s*:?=(?!=)" + _VALUE,
        codes.DECLARATION,
        _state,
        word="word",
    ),
    _habit(
        r"(?P<word>def|int|float|double|bool|string|auto|const\s+\w+|val|local|series)\s+"
        + _NAME
        + r"\s*:?=(?!=)"
        + _VALUE,
        codes.DECLARATION,
        _declared,
        word="word",
    ),
    _habit(
        r"\[(?P<names>\s*\w+(?:\s*,\s*\w+)+\s*)\]\s*=(?!=)" + _VALUE,
        codes.BARE_ASSIGNMENT,
        lambda match: f"write `let ({' '.join(match.group('names').split())}) = {_short(match.group('value'))}`",
        lambda match: f"let ({match.group('names').strip()}) ={match.group('value')}",
        name="names",
    ),
    _habit(
        _NAME + r"\s*(?P<sign>:=|\+=|-=|\*=|/=|\+\+|--)" + _VALUE,
        codes.REASSIGNMENT,
        lambda match: _step(match),
        sign="sign",
    ),
    _habit(
        r"(?P<word>(?:plotshape|plotchar|plotarrow|plotcandle|hline|bgcolor|barcolor|fill|[Pp]lot\d*)\s*\()(?P<value>[^\n]*)",
        codes.PLOT_CALL,
        lambda match: f"write `plot: {_short(match.group('value').split(',')[0].strip().rstrip(')'))}`",
        word="word",
    ),
    _habit(
        r"(?P<word>plot\s+" + _NAME + r"\s*=)(?!=)" + _VALUE,
        codes.PLOT_CALL,
        lambda match: f"write `plot: {_short(match.group('value').rstrip(';'))}`",
        word="word",
    ),
    _habit(
        r"(?P<word>alertcondition|alert)\s*\([^\n]*",
        codes.FOREIGN_STATEMENT,
        'write `alert name: condition => "text"`',
        word="word",
    ),
    _habit(
        r"(?P<word>from\s+\S+\s+import|import(?!\s*\")|class|return|print|pass|try|switch|library|declare|export|using\s+elementstyle"
        r"|type|method|break|continue|lambda|with\s+open|async|del|global|raise|assert)\b[^\n]*",
        codes.FOREIGN_STATEMENT,
        'a program holds declarations only; other Lingua files are brought in by `import "path"`',
        word="word",
    ),
    _habit(
        _NAME + r"\s*=(?!=)" + _VALUE,
        codes.BARE_ASSIGNMENT,
        lambda match: (
            f"write `let {match.group('name')} = {_short(match.group('value').rstrip(';'))}`,"
            " or `indicator` to have it in the report"
        ),
        lambda match: "let " + match.group(0),
        name="name",
    ),
    _habit(
        r"(?P<word>(?i:buy|sell|short|cover|close|target|cancel))\b[^\n]*",
        codes.ORDER_HABIT,
        _order_for,
    ),
)

_SURE = frozenset({codes.IF_STATEMENT, codes.ORDER_HABIT, codes.DECLARATION, codes.REASSIGNMENT, codes.BARE_ASSIGNMENT,
                   codes.INPUTS, codes.PLOT_CALL, codes.LOOP, codes.FUNCTION_HABIT, codes.STRATEGY_CALL,
                   codes.FOREIGN_STATEMENT, codes.ELSE_STATEMENT})  # fmt: skip

_DEFINING = frozenset({codes.DECLARATION, codes.BARE_ASSIGNMENT, codes.INPUTS, codes.REASSIGNMENT})


def _step(match: re.Match[str]) -> str:
    name, sign = match.group("name"), match.group("sign")
    value = _short(match.group("value").strip().rstrip(";")) if sign not in ("++", "--") else "1"
    following = f"prev {sign[0]} {value}" if sign != ":=" else value
    return f"write `state {name} = 0 => {following}`"


def habit_at(recovery: Recovery, token: Token, only_sure: bool) -> bool:
    """Report the foreign statement that starts with the raw token at the lexer's place; False if it is none known."""
    raw = recovery.raw()
    text = recovery.text
    line_end = text.find("\n", raw.start)
    line_end = len(text) if line_end < 0 else line_end
    line_end = min(line_end, raw.start + LONGEST_LINE)
    for habit in HABITS:
        match = _compiled(habit.pattern).match(text, raw.start, line_end)
        if match is None or (only_sure and habit.code not in _SURE):
            continue
        end = raw.start + len(match.group(0).rstrip())
        span = Span(raw.start, end)
        help = habit.help if isinstance(habit.help, str) else habit.help(match)
        fixes: tuple[Fix, ...] = ()
        if habit.text is not None and end < raw.start + LONGEST_LINE:
            fixes = (Fix(help.partition("`,")[0].replace("`", ""), (Edit(span, habit.text(match).rstrip()),)),)
        if habit.code in _DEFINING and "name" in match.groupdict():
            recovery.broken.append(match.group("name"))
        fields = {field: " ".join(match.group(group).split()) for field, group in habit.message.items()}
        recovery.report(habit.code, span, help=help, fixes=fixes, **fields)
        return True
    if only_sure:
        return False
    block = block_of(recovery.machine)
    if block is None or raw.kind != WORD or block.kind not in WHERE:
        return False
    recovery.report(
        codes.UNKNOWN_ITEM,
        raw.span,
        word=raw.text[:30],
        where=block.where,
        help=_item_help(raw.text, block.kind)
        or {
            "strategy": "begin the line with `indicator`, `let`, `rule`, `param`, `state`, `filter`, `risk`, …",
            "file": "a file holds `strategy Name { … }`, and `fn`, `const`, `import`, `universe`, `portfolio`, `test`",
            "test": "a test holds `given`, `using` and `expect`",
            "portfolio": "a portfolio holds `capital`, `run`, `allocate` and `risk`",
        }[block.kind],
    )
    return True


_EXIT_ITEMS = frozenset("stop stoploss stop_loss sl target take_profit takeprofit tp trail trailing_stop".split())  # noqa: SIM905 - words read best without quotes
_COSTS = frozenset("commission fee fees slippage latency borrow funding interest".split())  # noqa: SIM905 - words read best without quotes


def _item_help(word: str, block: str) -> str:
    """Where a line of a strategy belongs that begins with the name of something; "" when it is not known."""
    if block != "strategy":
        return ""
    lower = word.lower()
    if lower in _EXIT_ITEMS:
        return "exits belong to entries: `… => buy 10% with stop 5%`, or to all of them: `protect { stop 5% }`"
    if lower in _COSTS:
        name = "commission" if lower == "fee" else lower
        return f"costs stand in a block: `execution {{ {name}: … }}`"
    if lower.startswith("max_") or lower.endswith("_loss") or lower == "cooldown":
        return f"limits stand in a block: `risk {{ {lower} … }}`"
    if lower in ("timeframe", "interval", "resolution", "symbol", "symbols", "ticker", "pair", "market"):
        return "symbol and timeframe stand in one line: `trade BTCUSDT @ 1h`"
    if lower in ("capital", "initial_capital", "start", "end", "from", "to"):
        option = {"start": "from 2020-01-01", "from": "from 2020-01-01", "end": "to 2020-12-31", "to": "to 2020-12-31"}
        return f"that is given with each run: `lingua backtest FILE --{option.get(lower, 'capital 100000')}`"
    if lower in ("entry", "enter", "exit", "long", "flat", "when", "on"):
        return "what is to happen stands in a rule: `rule enter: condition => buy 10%`"
    return ""
