"""One strategy, bar by bar: the same series, the same decisions and the same fills as its backtest, in fixed memory.

`LiveStrategy` (strategy.py) takes closed bars and gives decisions; `replay.py` feeds it recorded ones. What it keeps
between bars can be written down and taken up again (`snapshot.py`).
"""
