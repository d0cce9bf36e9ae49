"""Programs made wrong: bytes, tokens and lines of valid ones dropped, doubled, swapped or replaced."""

from __future__ import annotations

import random
import re

PIECES = (
    'rule', 'let', 'indicator', 'param', 'state', 'strategy', 'if', 'then', 'else', 'and', 'or', 'not', 'is', 'na',
    'in', '=>', '=', '==', ':=', '{', '}', '(', ')', '[', ']', ',', ';', ':', '.', '..', '@', '&', '|', '?', '??',
    '+', '-', '*', '/', '^', '%', '<', '>', '<=', '>=', '!=', '->', '"text"', '"open', "'single'", '1', '2.5',
    '10%', '5bp', '2R', '15m', '1h', '20', '100', 'USD', 'bars', 'shares', '/*', '*/', '//', '#', '\\', '$', '~',
    '!', '&&', '||', '**', '+=', '2024-01-01', '1e999', '9999999999999999999999', '0x1F', '1H', 'buy', 'sell',
    'close', 'short', 'cover', 'target', 'cancel', 'with', 'stop', 'trail', 'at', 'limit', 'market', 'for', 'gtc',
    'on', 'tag', 'risk', 'size', 'plot', 'require', 'test', 'given', 'expect', 'using', 'run', 'capital',
    'portfolio', 'fn', 'const', 'import', 'extern', 'universe', 'top', 'by', 'from', 'match', 'sum', 'over',
    'crosses', 'above', 'below', 'every', 'once', 'when', 'long', 'confidence', 'execution', 'protect', 'optimize',
    'direction', 'pyramid', 'step', 'signal', 'filter', 'data', 'trade', 'alert', 'prev', 'entry', 'é', '\xa0',
    '\u200b', '\x00', '\n', '\t', 'return', 'lingua',
)  # fmt: skip
TOKEN = re.compile(r"\s+|\w+|[^\w\s]")


def mutated(program: str, rng: random.Random) -> str:
    """`program` with one to six changes."""
    tokens = TOKEN.findall(program)
    for _ in range(rng.randint(1, 6)):
        if not tokens:
            break
        at = rng.randrange(len(tokens))
        match rng.randrange(8):
            case 0:
                del tokens[at]
            case 1:
                tokens.insert(at, tokens[rng.randrange(len(tokens))])
            case 2:
                tokens[at] = rng.choice(PIECES)
            case 3:
                tokens.insert(at, " " + rng.choice(PIECES) + " ")
            case 4:
                del tokens[at : at + rng.randint(1, 30)]
            case 5:
                other = rng.randrange(len(tokens))
                tokens[at], tokens[other] = tokens[other], tokens[at]
            case 6:
                tokens = tokens[:at]
            case _:
                tokens.insert(at, chr(rng.choice((rng.randrange(32, 127), rng.randrange(0, 0x3000)))))
    return "".join(tokens)


def junk(rng: random.Random) -> str:
    """Random pieces, or random bytes read as Latin-1."""
    if rng.random() < 0.3:
        return rng.randbytes(rng.randrange(400)).decode("latin-1")
    return " ".join(rng.choice(PIECES) for _ in range(rng.randrange(120)))
