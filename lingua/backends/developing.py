"""`developing(e, T)`: `e` on the closed T bars plus the bar still forming, nothing of which is kept.

A value that peeks at an unfinished bar has no column form of its own, so the batch back end runs the incremental one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lingua.ir.nodes import Node

if TYPE_CHECKING:
    from lingua.backends.batch import Batch, Column


def developing_column(batch: Batch, node: Node) -> Column:
    """(bars of the node's clock,) the value as of each bar."""
    from lingua.backends.replay import clock_column

    column: Column = clock_column(node, batch.params, batch.feeds)
    return column
