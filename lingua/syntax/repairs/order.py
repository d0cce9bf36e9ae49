"""Mends for a refused token: each says what is wrong and lets the parse go on with what was meant.

A repair gets the recovery (stacks, lexer, problems) and the refused token. It returns False if the case is not its own;
otherwise it has moved the parse on, by tokens fed or skipped. The order of `REPAIRS` is from certain to likely.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from lingua.syntax.repairs import (
    actions,
    brackets,
    conditions,
    operators,
    orders,
    phrases,
    sayings,
    signs,
    tokens,
    words,
)
from lingua.syntax.scanner import Token

if TYPE_CHECKING:
    from lingua.syntax.recovery import Recovery

REPAIRS: tuple[Callable[[Recovery, Token], bool], ...] = (
    conditions.platform_object,
    sayings.saying,
    actions.trade_timeframe,
    actions.symbol_needs_quotes,
    tokens.odd_token,
    tokens.thousands,
    tokens.timeframe,
    tokens.times_range,
    actions.verb_as_price,
    brackets.tuple_assignment,
    orders.order_phrase,
    phrases.exit_phrase,
    phrases.late_show,
    phrases.side_for_verb,
    signs.name_of_words,
    conditions.worded_condition,
    phrases.condition_phrase,
    phrases.domain_phrase,
    phrases.limit_phrase,
    phrases.risk_without_braces,
    operators.foreign_operator,
    signs.colon_after_keyword,
    words.reserved_name,
    operators.named_argument,
    signs.setting_sign,
    signs.item_sign,
    operators.equals_in_condition,
    operators.chained_comparison,
    operators.not_in,
    words.python_and_pascal,
    brackets.brackets,
    signs.action_sign,
    signs.rule_with_if,
    orders.broker_call,
    actions.unknown_verb,
    actions.braced_action,
    actions.mixed_group,
    words.half_phrase,
    actions.swallowed_clause,
    words.misspelt_word,
    words.misspelt_behind,
    words.match_without_else,
    brackets.missing_comma,
    brackets.missing_brace,
    brackets.braces,
    conditions.side_by_side,
    words.wrong_place,
    words.unknown_item,
)
