"""The common layout: what it looks like, what it keeps."""

from __future__ import annotations

import random
from textwrap import dedent

import pytest
from test_parse import everything

from lingua.syntax import nodes as n
from lingua.syntax.format import format_file, format_source, format_text
from lingua.syntax.formatting.spelling import lower_case
from lingua.syntax.parse import parse
from lingua.syntax.scanner import scan
from lingua.syntax.source import Source


def laid_out(text: str) -> str:
    formatted, problems = format_text(text)
    assert formatted is not None, [problem.message for problem in problems]
    assert format_text(formatted)[0] == formatted, "formatting twice changes nothing more"
    return formatted


LAYOUTS = {
    "blanks and one item a line": (
        "strategy S{param  n=14 in 7 .. 28 step 1;let x=ema( close ,n )*-1 rule r:x>0=>buy}",
        """\
        strategy S {
          param n = 14 in 7..28 step 1
          let x = ema(close, n) * -1
          rule r: x > 0 => buy
        }
        """,
    ),
    "colons of statements that could be amounts": (
        'strategy S { size 10% of equity plot a, b pane "p" require a < b }',
        """\
        strategy S {
          size: 10% of equity
          plot: a, b pane "p"
          require: a < b
        }
        """,
    ),
    "one blank line where there were some, none at the edges of a block": (
        "\n\n\nlingua 1\n\n\n\nstrategy S {\n\n\n  let a = 1\n  let b = 2\n\n\n\n  let c = 3\n\n}\n\n\n",
        """\
        lingua 1

        strategy S {
          let a = 1
          let b = 2

          let c = 3
        }
        """,
    ),
    "a blank line between blocks": (
        "fn f(x) { return x } strategy A { } strategy B { }",
        """\
        fn f(x) {
          return x
        }

        strategy A {}

        strategy B {}
        """,
    ),
    "a long rule breaks before with": (
        "strategy S { rule enter: close crosses above c.upper and rising and adx > 20 => buy risk 1%"
        " with stop at c.lower - 0.5 * atr(14), trail 3 * atr(14) after 1R }",
        """\
        strategy S {
          rule enter: close crosses above c.upper and rising and adx > 20 => buy risk 1%
            with stop at c.lower - 0.5 * atr(14), trail 3 * atr(14) after 1R
        }
        """,
    ),
    "a longer one before the arrow too": (
        "strategy S { rule release: coiled[1] >= 6 and not coil and mom > 0 => buy 15% at stop high + 1 ticks"
        " limit high + 0.2 * atr(14) for 3 bars with stop 1.5 * atr(14), target 2R closing 50%, trail 2.5 * atr(14)"
        " after 1.5R }",
        """\
        strategy S {
          rule release: coiled[1] >= 6 and not coil and mom > 0
            => buy 15% at stop high + 1 ticks limit high + 0.2 * atr(14) for 3 bars
               with stop 1.5 * atr(14), target 2R closing 50%, trail 2.5 * atr(14) after 1.5R
        }
        """,
    ),
    "the other case stays beside the first if it fits": (
        "strategy S { rule rotate every weekly: cs.rank(score) <= keep and close > sma(close, 100) and volume > 0"
        " => target share else close }",
        """\
        strategy S {
          rule rotate every weekly: cs.rank(score) <= keep and close > sma(close, 100) and volume > 0
            => target share else close
        }
        """,
    ),
    "long expressions break before their operators": (
        "strategy S { let x = some_function_of(close, 100) * another_function_of(volume, 200)"
        " + yet_another_function_of(high, low, close, 300) }",
        """\
        strategy S {
          let x = some_function_of(close, 100) * another_function_of(volume, 200)
              + yet_another_function_of(high, low, close, 300)
        }
        """,
    ),
    "blocks of settings on one line if they fit": (
        'strategy S { risk{max_open 5,max_drawdown 15%=>halt} protect {} execution { slippage:3bp\n fees:"x" } }',
        """\
        strategy S {
          risk { max_open 5; max_drawdown 15% => halt }
          protect {}
          execution { slippage: 3bp; fees: "x" }
        }
        """,
    ),
    "else an entry a line": (
        'strategy S { execution { slippage: 3bp; fees: "binance.spot"; latency: 1 bars; detail: 1m;'
        " borrow: 3% per year; rebalance: 1% } }",
        """\
        strategy S {
          execution {
            slippage: 3bp
            fees: "binance.spot"
            latency: 1 bars
            detail: 1m
            borrow: 3% per year
            rebalance: 1%
          }
        }
        """,
    ),
    "numbers as they were written": (
        "strategy S { let x = 100_000 USD + 1_000 * 2.50 - 1e-3 }",
        """\
        strategy S {
          let x = 100_000 USD + 1_000 * 2.50 - 1e-3
        }
        """,
    ),
    "clauses in their order": (
        'strategy S { rule r: a => buy tag "t" with stop 2% at limit close on btc }',
        """\
        strategy S {
          rule r: a => buy on btc at limit close with stop 2% tag "t"
        }
        """,
    ),
    "TA-Lib's names in lower case": (
        "strategy S { let x = EMA(close, 12) + CDLENGULFING() + MAX(high, 3) + Foo(1) + EMA }",
        """\
        strategy S {
          let x = ema(close, 12) + cdl_engulfing() + highest(high, 3) + Foo(1) + EMA
        }
        """,
    ),
    "a function of one's own keeps its name": (
        "fn EMA(x) = x strategy S { let x = EMA(close) + SMA(close, 3) }",
        """\
        fn EMA(x) = x

        strategy S {
          let x = EMA(close) + sma(close, 3)
        }
        """,
    ),
    "comments where they were": (
        """\
        // head

        lingua 1   // edition
        /* block
           comment */
        strategy S { // header

          // first


          let a = ema(close, // the price
             12 /* length */)
          rule r: a > 1 // cond
             and b < 2
             // own line
             => buy 10% // act
             with stop 5, // first
               target 6 // second
          risk { // limits
            max_open 5 // five
            // own
            max_drawdown 15% => halt; // dd
          }
          let m = match { a => 1, // one
            else => 2 // two
          }
          // last
        } // end
        // eof""",
        """\
        // head

        lingua 1  // edition
        /* block
                   comment */
        strategy S {  // header
          // first

          let a = ema(
            close,  // the price
            12 /* length */
          )
          rule r: a > 1  // cond
              and b < 2
                  // own line
            => buy 10%  // act
               with stop 5,  // first
                    target 6  // second
          risk {  // limits
            max_open 5  // five
            // own
            max_drawdown 15% => halt  // dd
          }
          let m = match {
            a => 1,  // one
            else => 2  // two
          }
          // last
        }  // end
        // eof
""",
    ),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_layout(name: str) -> None:
    before, after = LAYOUTS[name]
    if name != "comments where they were":
        assert laid_out(before) == dedent(after)
        return
    # The lines of a block comment are its own: they keep their columns.
    assert [line.strip() for line in laid_out(before).splitlines()] == [
        line.strip() for line in dedent(after).splitlines()
    ]


def test_every_construct_is_laid_out_and_means_the_same() -> None:
    source = Source("x", everything())
    file, _ = parse(source)
    written = format_file(file, source, str)
    again, problems = parse(Source("y", written))
    assert problems == ()
    assert again == file
    assert format_file(again, Source("y", written), str) == written


def test_what_does_not_parse_is_left_alone() -> None:
    text = "strategy S { let x = }"
    assert format_text(text)[0] is None
    assert [problem.code.slug for problem in format_text(text)[1]] == ["incomplete"]
    assert format_source(Source("x", text)) == text
    assert format_text("") == ("", ())


COMMENTS = ("// c{}\n", "/* c{} */", "# c{}\n", "\n// c{}\n", "\n\n// c{}\n\n", " /* c{}\n  x */ ", "\n/* c{} */\n")


def test_comments_anywhere_are_kept_in_order_and_change_no_tree() -> None:
    rng = random.Random(8)
    whole = everything()
    size = len(scan(Source("x", whole)).tokens)
    for _ in range(25):
        text = whole
        for number, place in enumerate(sorted(rng.sample(range(size), 40), reverse=True)):
            at = scan(Source("x", whole)).tokens[place].start
            text = f"{text[:at]} {rng.choice(COMMENTS).format(number)} {text[at:]}"
        source = Source("x", text)
        file, problems = parse(source)
        assert problems == ()
        written = format_file(file, source, str)
        again, problems = parse(Source("y", written))
        assert problems == ()
        assert again == file
        assert [" ".join(c.text.split()) for c in again.comments] == [" ".join(c.text.split()) for c in file.comments]
        assert format_file(again, Source("y", written), str) == written


def test_a_tree_made_by_hand_gets_the_parentheses_it_needs() -> None:
    a, b, c = n.Name("a"), n.Name("b"), n.Name("c")
    for tree, text in (
        (n.Binary("*", n.Binary("+", a, b), c), "(a + b) * c"),
        (n.Binary("-", a, n.Binary("-", b, c)), "a - (b - c)"),
        (n.Binary("^", n.Unary("-", a), b), "(-a) ^ b"),
        (n.Unary("-", n.Unary("-", a)), "- -a"),
        (n.Index(n.Binary("+", a, b), c), "(a + b)[c]"),
        (n.Compare("<", n.Compare("<", a, b), c), "(a < b) < c"),
        (n.Binary("+", n.If(a, b, c), c), "(if a then b else c) + c"),
        (n.Binary("and", n.Binary("or", a, b), n.Unary("not", c)), "(a or b) and not c"),
    ):
        made = n.File((n.Const("x", None, tree),))
        assert format_file(made, Source("x", "")) == f"const x = {text}\n"


def test_names_of_talib_have_a_lower_case_form() -> None:
    assert lower_case("LINEARREG_SLOPE") == "linearreg_slope"
    assert lower_case("CDL3INSIDE") == "cdl_3inside"
    assert lower_case("SUM") == "sum"
    assert lower_case("close") == "close"
    assert lower_case("CDL") == "CDL"
