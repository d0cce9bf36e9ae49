"""Statements that Pine Script, EasyLanguage, thinkScript and Python have, each with what says the same in Lingua.

They are recognised by the text of their line where an item should start. `only_sure` leaves out the ones that could be
the rest of something broken above.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from lingua.diagnostics.codes import syntax as codes
from lingua.diagnostics.diagnostic import Code, Edit, Fix
from lingua.structs import Struct
from lingua.syntax.blocks import WHERE, block_of, words_by_block
from lingua.syntax.scanner import WORD, Token
from lingua.syntax.source import Span
from lingua.syntax.translate import closing, in_lingua

if TYPE_CHECKING:
    from lingua.syntax.recovery import Recovery

LONGEST_LINE = 300
LONGEST_VALUE = 120
"""Characters of a value that a mend repeats."""


class Habit(Struct):
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
    text = re.sub(r"\bthen\b.*|:\s*(?:buy|sell|short|cover|close|return)\b.*", "", text, flags=re.IGNORECASE).strip()
    end = closing(text, 0) if text.startswith("(") else -1
    if end > 0 and re.fullmatch(r"[\s{;]*|\s*[A-Za-z_][\w.]*\s*\(.*", text[end + 1 :]):
        text = text[1:end].strip()  # `if (a > b)`, `if (a > b) Buy();`
    text = re.sub(r"(?<![<>=!:])=(?![=>])", "==", in_lingua(text))
    return text if 0 < len(text) <= 120 and text.count("(") == text.count(")") else "condition"


_FIRST_VERB = re.compile(r"\b(?:sell\s+short|sellshort|buy|sell|short|cover|exit|close|long)\b|(?<=\.)(?:close|exit)")


def _rule_for(match: re.Match[str]) -> str:
    line = match.group(0)
    then = re.search(r"\bthen\b", line, re.IGNORECASE)
    body = match.string[match.end() : match.end() + 200].split("\n")
    # The order stands after `then`, or on the line below.
    rest = (line[then.end() :] if then else "\n".join(body[:2])).lower()
    found = _FIRST_VERB.search(rest)
    word = " ".join(found.group().split()) if found is not None else "buy"
    verb = {"sell short": "short", "sellshort": "short", "exit": "close", "long": "buy"}.get(word, word)
    if verb == "buy" and ("strategy.short" in rest or "op_sell" in rest):
        verb = "short"
    return f"write a rule: `rule {_rule_name(match, verb)}: {_condition(match)} => {verb}`"


def _rule_name(match: re.Match[str], verb: str) -> str:
    """A name that no rule of the text has, and no other statement above it would get."""
    name = "enter" if verb in ("buy", "short") else "leave"
    above = len(_STATEMENT_ABOVE.findall(match.string, 0, match.start()))
    number = above + 1
    while re.search(rf"\brule\s+{name if number == 1 else f'{name}{number}'}\b", match.string):
        number += 1
    return name if number == 1 else f"{name}{number}"


_STATEMENT_ABOVE = re.compile(r"^[ \t]*(?:if\b|AddOrder\b|strategy\s*\.)", re.MULTILINE | re.IGNORECASE)


def _with_body(match: re.Match[str], end: int) -> int:
    """Where an `if` ends whose one order stands on its line, or below it further in or in brackets; -1 where it has
    more to say than one rule can."""
    text, line = match.string, match.group(0)
    said = re.search(r"\bthen\b(?P<then>.*)|:(?P<colon>[^:]*)$|\)\s*(?P<call>\w[^)]*\(.*)$", line, re.IGNORECASE)
    inline = next((part for part in said.groups() if part), "") if said is not None else ""
    if _FIRST_VERB.search(inline.lower()):
        stop = end
    else:
        body = _BODY.match(text, text.find("\n", end) if text.find("\n", end) >= 0 else len(text))
        start = text.rfind("\n", 0, match.start()) + 1
        margin = len(text[start : match.start()].expandtabs(4))
        if body is None or (not body["open"] and len(body["margin"].expandtabs(4)) <= margin and "{" not in line):
            return -1
        if not _FIRST_VERB.search(body["order"].lower()) or ("{" in line and not body["close"]):
            return -1
        stop = body.end() if body["close"] else body.end("order")
    return -1 if _ELSE_BELOW.match(text, stop) else stop


_BODY = re.compile(
    r"\n(?P<margin>[ \t]*)(?P<open>\{[ \t]*\n[ \t]*|begin[ \t]*\n[ \t]*)?(?P<order>[^\n{}]+)"
    r"(?P<close>(?<=\n)?\n[ \t]*(?:\}|end\b;?))?",
    re.IGNORECASE,
)
_ELSE_BELOW = re.compile(r"\s*\}?\s*(?:else|elif|elsif)\b", re.IGNORECASE)


def _order_for(match: re.Match[str]) -> str:
    text = match.group(0).lower()
    verb = "buy"
    if "sellshort" in text or "sell short" in text or "strategy.short" in text or "sell_to_open" in text:
        verb = "short"
    elif "buytocover" in text or "buy to cover" in text or "buy_to_close" in text:
        verb = "cover"
    elif text.startswith("sell") or "sell_to_close" in text:
        verb = "sell"
    elif text.startswith(("close", "exit")) or re.search(r"\.\s*(?:close|exit)", text.partition("(")[0]):
        verb = "close"
    condition = "condition"
    said = re.match(r"\w+\s+(?:when|if)\s+(.+)", match.group(0))
    if said is not None:
        condition = _short(in_lingua(said.group(1)))
    if text.startswith("addorder"):
        # AddOrder(type, condition, price, size, …)
        arguments = match.group(0).partition("(")[2].split(",")
        side = arguments[0].lower()
        verb = "short" if "sell_to_open" in side or "sell_auto" in side else verb
        verb = "buy" if "buy_auto" in side or "buy_to_open" in side else verb
        condition = in_lingua(arguments[1]) if len(arguments) > 1 else condition
    return f"write it in a rule: `rule {_rule_name(match, verb)}: {condition} => {verb}`"


def _function(match: re.Match[str]) -> str:
    body = match.groupdict().get("value") or ""
    value = _short(in_lingua(body)) if body.strip() else "…"
    return f"write `fn {match.group('name')}({match.group('args')}) = {value}` at the top of the file"


def _declared(match: re.Match[str]) -> str:
    name, value = match.group("name"), in_lingua(match.group("value").strip().rstrip(";"))
    return f"write `let {name} = {_short(value)}`"


def _state(match: re.Match[str]) -> str:
    name, value = match.group("name"), match.group("value").strip().rstrip(";")
    following = _assigned(match)
    if following is None and re.search(rf"\b{name}\s*\[", value):
        value, following = "0", value  # thinkScript's `rec x = … x[1] …`
    if following is None:
        return f"a value that is kept from bar to bar is a state: `state {name} = {_short(in_lingua(value))} => prev`"
    start = "0" if value in ("na", "") else in_lingua(value)
    return f"one line says how it begins and goes on: `state {name} = {_short(start)} => {_next(name, following)}`"


def _assigned(match: re.Match[str]) -> str | None:
    """What is given to the name of `match` further down, by `:=` or by `=` alone."""
    name = re.escape(match.group("name"))
    later = re.compile(rf"^[ \t]*{name}[ \t]*:?=(?![=>])([^\n]*)", re.MULTILINE).search(match.string, match.end())
    return later.group(1).strip().rstrip(";") if later is not None else None


def _later_line(match: re.Match[str], mended: str) -> tuple[Edit, ...]:
    """The edit that takes out the line whose value went into the mend, a state's next value."""
    if not mended.startswith("state ") or _assigned(match) is None:
        return ()
    name = re.escape(match.group("name"))
    later = re.compile(rf"^[ \t]*{name}[ \t]*:?=(?![=>])[^\n]*", re.MULTILINE).search(match.string, match.end())
    return (Edit(Span(later.start(), later.end()), ""),) if later is not None else ()


def _declared_above(name: str, text: str, before: int) -> bool:
    """Whether a `var` of that name stands above: what becomes of it is told there."""
    above = rf"^[ \t]*(?:varip|var|rec)\s+(?:\w+\s+)?{re.escape(name)}\s*:?="
    return re.compile(above, re.MULTILINE).search(text, 0, before) is not None


def _next(name: str, value: str) -> str:
    """The next value of a state, in which its own past is `prev`."""
    text = re.sub(rf"\bnz\(\s*{name}\s*(?:\[\s*1\s*\])?\s*\)", "prev", value)
    text = re.sub(rf"\b{name}\b(?:\s*\[\s*1\s*\])?", "prev", text)
    return _short(in_lingua(text))


def _variables(match: re.Match[str]) -> str:
    name = match.group("name")
    following = _assigned(match)
    if following is None:
        return f"a value that is kept from bar to bar is a state: `state {name} = 0 => prev`"
    if re.search(rf"\b{name}\b", following):
        return f"one line says how it begins and goes on: `state {name} = 0 => {_next(name, following)}`"
    return "leave this line out: a value is defined where it is computed"


def _inputs(match: re.Match[str]) -> str:
    """Each of EasyLanguage's `Price(Close), Length(9)` as what it is here."""
    lines = []
    for name, value in re.findall(r"(\w+)\s*\(\s*([^()]*)\s*\)", match.group("name") + match.group("value")):
        is_number = re.fullmatch(r"-?\d+(?:\.\d+)?", value.strip()) is not None
        lines.append(f"`{'param' if is_number else 'let'} {name} = {in_lingua(value.strip())}`")
    return "write " + ", ".join(lines[:MOST_INPUTS]) if lines else _input(match)


MOST_INPUTS = 6


def _input(match: re.Match[str]) -> str:
    value = re.sub(r"\"[^\"]*\"|'[^']*'", "", match.group("value"))
    named = {key: re.search(rf"\b{key}\s*=\s*(-?\d+(?:\.\d+)?)", value) for key in ("minval", "maxval", "step")}
    low, high, step = (found.group(1) if found is not None else "" for found in named.values())
    numbers = re.findall(r"(?<![\w.])-?\d+(?:\.\d+)?", re.sub(r"\w+\s*=\s*-?[\d.]+", "", value) or value)
    if not numbers:
        numbers = re.findall(r"-?\d+(?:\.\d+)?", value)[:1]
    if len(numbers) >= 3 and not low:
        low, high = numbers[1], numbers[2]  # AmiBroker: default, least, most, step
        step = numbers[3] if len(numbers) > 3 and numbers[3] != "1" else ""
    domain = f"{low}..{high}" + (f" step {step}" if step else "") if low and high else "5..50"
    return f"write `param {match.group('name')} = {numbers[0] if numbers else 14} in {domain}`"


def _plotted(match: re.Match[str]) -> str:
    """The value that a call of `plot` draws; what only colours the chart has no counterpart."""
    call = re.match(r"\w+", match.group("word"))
    if call is not None and call.group().lower() in ("bgcolor", "barcolor", "fill", "plotcandle"):
        return "leave it out: the report marks trades by itself, and `plot: x` draws a value"
    arguments, depth = match.group("value"), 0
    for place, sign in enumerate(arguments):
        depth += (sign in "([") - (sign in ")]")
        if depth < 0 or (sign == "," and depth == 0):
            arguments = arguments[:place]
            break
    return f"write `plot: {_short(in_lingua(arguments))}`"


def _stops(match: re.Match[str]) -> str:
    """`ApplyStop(stopTypeLoss, stopModePercent, 5)`, `stoploss = -0.10`, `SetStopLoss(500)`"""
    text = match.group(0).lower()
    kind = "trail" if "trail" in text else "target" if "profit" in text or "roi" in text else "stop"
    shares = re.findall(
        r"-?\d*\.?\d+", re.sub(r"[\"'][^\"']*[\"']", "", text.partition("=")[2] or text.partition("(")[2])
    )
    value = abs(float(shares[-1])) if shares else 0.0
    if "=" in text and 0 < value < 1:
        return f"write `protect {{ {kind} {value * 100:g}% }}`"
    if "percent" in text and value:
        return f"write `protect {{ {kind} {value:g}% }}`"
    return f"exits are a distance in price or a share of it, for all entries `protect {{ {kind} 5% }}`"


def _sized(match: re.Match[str]) -> str:
    """`SetPositionSize(10, spsPercentOfEquity)`"""
    value = re.search(r"\d*\.?\d+", match.group("value"))
    if value is None:
        return "write `size: 10%`"
    unit = " shares" if "shares" in match.group(0).lower() else " USD" if "value" in match.group(0).lower() else "%"
    return f"write `size: {value.group()}{unit}`"


def _signal_line(match: re.Match[str]) -> str:
    """AmiBroker's `Buy = Cross(…);`, freqtrade's `dataframe.loc[…, 'enter_long'] = 1`"""
    word = match.group("side").lower()
    verb = {"enter_long": "buy", "exit_long": "sell", "enter_short": "short", "exit_short": "cover", "buy": "buy",
            "sell": "sell", "short": "short", "cover": "cover"}[word]  # fmt: skip
    value = match.group("value").strip().rstrip(";").strip()
    if value in ("0", "False", "false"):
        return "leave this line out: what no rule asks for does not happen"
    return f"write a rule: `rule {_rule_name(match, verb)}: {_short(in_lingua(value))} => {verb}`"


def _when(match: re.Match[str]) -> str:
    order = match.group("order").strip().rstrip(";")
    verb = order.split()[0].lower()
    condition = _short(in_lingua(match.group("condition")))
    return f"write a rule: `rule {_rule_name(match, verb)}: {condition} => {order}`"


_INSTEAD = {
    "class": "write `strategy Name { … }`: indicators as `let`, and orders as rules, `rule enter: condition => buy`",
    "return": "a value is given by `fn name(x) = …`; a rule has none",
    "print": "`lingua values` writes every value of every bar, and `plot: x` draws one",
    "switch": "choose a value: `match { a > b => 1, else => 0 }`",
}


def _foreign_word(match: re.Match[str]) -> str:
    word = match.group("word").split()[0]
    return _INSTEAD.get(word, 'a program holds declarations only; other Lingua files are brought in by `import "path"`')


def _short(text: str) -> str:
    line = " ".join(text.split())
    return (line if len(line) <= LONGEST_VALUE else line[: LONGEST_VALUE - 1] + "…") or "…"


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
    _habit(
        r"(?P<word>(?:SetStopLoss|SetProfitTarget|SetPercentTrailing|SetDollarTrailing|SetBreakEven|SetStopPosition|ApplyStop)\b"
        r"|(?:stoploss|stop_loss|minimal_roi|take_profit|trailing_stop_positive)(?=\s*=))[^\n]*",
        codes.FOREIGN_STATEMENT,
        _stops,
        word="word",
    ),
    _habit(
        r"(?P<word>(?:SetPositionSize|PositionSize)\b)(?P<value>[^\n]*)",
        codes.FOREIGN_STATEMENT,
        _sized,
        word="word",
    ),
    _habit(
        r"(?P<side>Buy|Sell|Short|Cover)\s*=(?!=)(?P<value>[^\n]*)",
        codes.ORDER_HABIT,
        _signal_line,
    ),
    _habit(
        r"(?:dataframe|df)\s*\.\s*loc\s*\[(?P<value>.*),\s*\[?\s*['\"](?P<side>enter_long|exit_long|enter_short"
        r"|exit_short|buy|sell)['\"][^\n]*",
        codes.ORDER_HABIT,
        _signal_line,
    ),
    _habit(
        r"(?:df|data|dataframe)\s*\[\s*['\"](?P<name>[A-Za-z_]\w*)['\"]\s*\]\s*=(?!=)" + _VALUE,
        codes.BARE_ASSIGNMENT,
        lambda match: f"write `let {match.group('name')} = {_short(in_lingua(match.group('value')))}`",
        name="name",
    ),
    _habit(
        r"[Ww]hen(?:ever)?\s+(?P<condition>[^\n]*?(?:[<>=]|cross)[^\n]*?)\s*(?:,|then\b|:|=>|->)?\s*"
        r"\b(?P<order>(?:buy|sell|short|cover)\b[^\n]*)",
        codes.ORDER_HABIT,
        _when,
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
        _inputs,
    ),
    _habit(
        r"(?P<word>input|extern)\s+(?:(?:int|float|double|bool|string)\s+)?" + _NAME + r"\s*=(?!=)" + _VALUE,
        codes.INPUTS,
        _input,
    ),
    _habit(
        _NAME + r"\s*=\s*(?:input|Param|Optimize)\b" + _VALUE,
        codes.INPUTS,
        _input,
    ),
    _habit(
        r"(?i:(?P<word>vars?|variables?|arrays?))\s*:\s*" + _NAME + r"(?P<value>[^\n]*)",
        codes.DECLARATION,
        _variables,
        word="word",
    ),
    _habit(
        r"def\s+" + _NAME + r"\s*\((?P<args>[^\n)]*)\)[^\n]*",
        codes.FUNCTION_HABIT,
        _function,
    ),
    _habit(
        r"(?:export\s+|function\s+|func\s+|method\s+)*" + _NAME + r"\s*\((?P<args>[\w\s,=.]*)\)\s*=>(?P<value>[^\n]*)",
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
        lambda match: (
            f"write `let ({' '.join(match.group('names').split())}) = {_short(in_lingua(match.group('value')))}`"
        ),
        lambda match: f"let ({match.group('names').strip()}) = {in_lingua(match.group('value'))}",
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
        _plotted,
        word="word",
    ),
    _habit(
        r"(?P<word>plot\s+" + _NAME + r"\s*=)(?!=)" + _VALUE,
        codes.PLOT_CALL,
        lambda match: f"write `plot: {_short(in_lingua(match.group('value').rstrip(';')))}`",
        word="word",
    ),
    _habit(
        r"(?P<word>(?:void|int|double|bool|string)\s+\w+\s*\()[^\n]*",
        codes.FOREIGN_STATEMENT,
        "nothing is called back here: rules are looked at whenever a bar has closed, `rule enter: condition => buy`",
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
        _foreign_word,
        word="word",
    ),
    _habit(
        _NAME + r"\s*=(?!=)" + _VALUE,
        codes.BARE_ASSIGNMENT,
        lambda match: (
            f"write `let {match.group('name')} = {_short(in_lingua(match.group('value').rstrip(';')))}`,"
            " or `indicator` to have it in the report"
        ),
        lambda match: f"let {match.group('name')} = {in_lingua(match.group('value').rstrip(';'))}",
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
    value = _next(name, match.group("value").strip().rstrip(";")) if sign not in ("++", "--") else "1"
    following = f"prev {sign[0]} {value}" if sign != ":=" else value
    return f"write `state {name} = 0 => {following}`"


_ONE_LINE = re.compile(r"(?:write|[^`]*:) `((?:let|param|state|plot:|rule|protect|size:)[^`…]*)`")
_LINES = re.compile(r"write (`(?:let|param)[^`…]*`(?:, `(?:let|param)[^`…]*`)+)")


def _whole_line(help: str) -> str:
    """The line that a mend gives whole, or the lines; ""."""
    match = _ONE_LINE.fullmatch(help)
    if match is not None:
        return "" if ": condition =>" in match.group(1) else match.group(1)
    several = _LINES.fullmatch(help)
    return several.group(1).strip("`").replace("`, `", "\n  ") if several is not None else ""


def _header(match: re.Match[str]) -> tuple[Fix, ...]:
    """Pine's `strategy("My cross", overlay=true)`, with the rest of the text as what stands inside."""
    text = match.string
    if re.search(r"^[ \t]*strategy\s+\w+\s*\{", text, re.MULTILINE) or text.find("\n", match.start()) < 0:
        return ()
    said = re.search(r"[\"']([^\"']*)[\"']", match.group(0))
    words = re.findall(r"[A-Za-z0-9]+", said.group(1) if said is not None else "")
    name = "".join(word[:1].upper() + word[1:] for word in words)[:40]
    name = name if re.match(r"[A-Za-z]", name) else f"My{name}" if name else "Mine"
    end = len(text.rstrip())
    edits = (
        Edit(Span(match.start(), match.start() + len(match.group(0).rstrip())), f"strategy {name} {{"),
        Edit(Span(end, end), "\n}"),
    )
    return (Fix(f"write `strategy {name} {{ … }}` around it", edits),)


_RETURNED = re.compile(r"\s*\{?\s*return\s+(?P<value>[^\n;}]+);?[ \t]*(?:\n[ \t]*\})?")


def _moved_function(match: re.Match[str], help: str) -> tuple[Fix, ...]:
    """The function as `fn` before the strategy it stands in, where its whole value is known."""
    text, end = match.string, match.end()
    value = (match.groupdict().get("value") or "").strip()
    if not value:
        returned = _RETURNED.match(text, end)
        if returned is None:
            return ()
        value, end = returned["value"].strip(), returned.end()
    elif "…" in help:
        return ()
    written = f"fn {match.group('name')}({match.group('args').strip()}) = {in_lingua(value)}"
    above = list(re.finditer(r"^[ \t]*strategy\s+\w+", text[: match.start()], re.MULTILINE))
    place = above[-1].start() if above else match.start()
    if place == match.start():
        return (Fix(f"write `{_short(written)}`", (Edit(Span(match.start(), end), written),)),)
    edits = (Edit(Span(place, place), f"{written}\n\n"), Edit(Span(match.start(), end), ""))
    return (Fix(f"write `{_short(written)}` above the strategy", edits),)


def habit_at(recovery: Recovery, token: Token, only_sure: bool) -> bool:
    """Report the foreign statement that starts with the raw token at the lexer's place; False if it is none known."""
    raw = recovery.raw()
    text = recovery.text
    line_end = text.find("\n", raw.start)
    line_end = len(text) if line_end < 0 else line_end
    line_end = min(line_end, raw.start + LONGEST_LINE)
    help = "" if only_sure else _item_help(raw.text, _block_kind(recovery))
    is_setting = raw.text in _EXIT_SETTINGS and recovery.raw(1).kind in ("EQUAL", "LPAR")
    if help and recovery.raw(1).kind in ("EQUAL", "LPAR", "COLON") and not is_setting:
        if recovery.raw(1).kind == "EQUAL":
            recovery.broken.append(raw.text)
        is_rule = raw.text.lower() in ("entry", "enter", "exit", "long", "flat") and recovery.raw(1).kind == "COLON"
        as_rule = (Fix(f"write `rule {raw.text}`", (Edit(raw.span, f"rule {raw.text}"),)),) if is_rule else ()
        recovery.report(
            codes.UNKNOWN_ITEM, raw.span, word=raw.text[:30], where=WHERE["strategy"], help=help, fixes=as_rule
        )
        return True
    for habit in HABITS:
        match = _compiled(habit.pattern).match(text, raw.start, line_end)
        if match is None or (only_sure and habit.code not in _SURE):
            continue
        end = raw.start + len(match.group(0).rstrip())
        span = mended_span = Span(raw.start, end)
        help = habit.help if isinstance(habit.help, str) else habit.help(match)
        mended = habit.text(match).rstrip() if habit.text is not None else _whole_line(help)
        fixes: tuple[Fix, ...] = ()
        if help.startswith(("leave this line out", "leave it out")):
            fixes = (Fix("take it out", (Edit(span, ""),)),)
        if habit.code is codes.STRATEGY_CALL:
            fixes = _header(match)
        if habit.code is codes.FUNCTION_HABIT:
            fixes = _moved_function(match, help)
        if mended and habit.code is codes.IF_STATEMENT:
            last = _with_body(match, end)
            mended, mended_span = (mended, Span(raw.start, last)) if last >= 0 else ("", span)
        if mended and end < raw.start + LONGEST_LINE and habit.code is not codes.FUNCTION_HABIT:
            title = f"write `{mended.splitlines()[0]}`"
            fixes = (Fix(title, (Edit(mended_span, mended), *_later_line(match, mended))),)
        if habit.code in _DEFINING | {codes.FUNCTION_HABIT} and "name" in match.groupdict():
            recovery.broken.append(match.group("name"))
        if habit.code is codes.REASSIGNMENT and _declared_above(match.group("name"), text, raw.start):
            return True
        fields = {field: " ".join(match.group(group).split()) for field, group in habit.message.items()}
        recovery.report(habit.code, span, help=help, fixes=fixes, **fields)
        return True
    if only_sure:
        return False
    block = block_of(recovery.machine)
    if block is None or raw.kind != WORD or block.kind not in WHERE:
        return False
    if block.kind == "file" and raw.text in words_by_block()["strategy"]:
        inside = "write it inside `strategy Name { … }`"
        recovery.report(codes.WRONG_PLACE, raw.span, word=raw.text, where=block.where, help=inside)
        return True
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


def _block_kind(recovery: Recovery) -> str:
    block = block_of(recovery.machine)
    return block.kind if block is not None else ""


_EXIT_ITEMS = frozenset(
    """
    stop stoploss stop_loss sl target take_profit takeprofit tp trail trailing_stop minimal_roi
    setstoploss setprofittarget setpercenttrailing setdollartrailing setbreakeven setstopposition
    """.split()  # noqa: SIM905 - words read best without quotes
)
_EXIT_SETTINGS = frozenset(
    """
    stoploss stop_loss minimal_roi take_profit SetStopLoss SetProfitTarget SetPercentTrailing SetDollarTrailing
    """.split()  # noqa: SIM905 - words read best without quotes
)
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
