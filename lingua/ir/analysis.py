"""Questions about a graph that several passes ask: what a node needs, and which states it sits inside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lingua.ir.nodes import Node
from lingua.ir.program import ActionPlan, DistancePlan, ExitPlan, GroupPlan, Program


def reachable(roots: Iterable[Node]) -> list[Node]:
    """Every node the roots are made of, arguments first (index order is an evaluation order)."""
    seen: dict[int, Node] = {}
    stack = list(roots)
    while stack:
        node = stack.pop()
        if node.index not in seen:
            seen[node.index] = node
            stack.extend(node.args)
    return [seen[index] for index in sorted(seen)]


def priced_by(nodes: Iterable[Node]) -> dict[int, str]:
    """Whose prices and quantities make up each of these nodes, by index: the alias of a data symbol where they are of
    that one alone, else "" for the traded symbol."""
    nodes = list(nodes)
    found: dict[int, frozenset[str]] = {}
    for node in reachable(nodes):
        if node.op == "field" and node.unit.qty:
            found[node.index] = frozenset((node.clock.source,))
        else:
            parts = [found[arg.index] for arg in node.args if arg.unit.qty]
            found[node.index] = frozenset().union(*parts)
    return {node.index: next(iter(found[node.index])) if len(found[node.index]) == 1 else "" for node in nodes}


def is_read_across(node: Node) -> bool:
    """Whether a node is a series of another symbol, as of the bars of its own."""
    return node.op == "sample" and node.args[0].clock.source != node.clock.source


def reading_order(nodes: Iterable[Node], sources: Iterable[str]) -> tuple[str, ...]:
    """The sources, each behind those that are read on its bars; else as given, the traded symbol ("") last."""
    wanted = [*(source for source in sources if source), ""]
    reads: dict[str, set[str]] = {source: set() for source in wanted}
    for node in nodes:
        if is_read_across(node):
            reads[node.clock.source].add(node.args[0].clock.source)
    order: list[str] = []
    while len(order) < len(wanted):
        left = [source for source in wanted if source not in order]
        order.append(next((source for source in left if reads[source] <= set(order)), left[0]))
    return tuple(order)


class FreePrevious:
    """For each node, the states whose `prev` it reads from outside: such a node has no column of its own, it is part
    of the state's step."""

    def __init__(self) -> None:
        self._known: dict[int, frozenset[object]] = {}

    def of(self, node: Node) -> frozenset[object]:
        if node.index not in self._known:
            for each in reachable([node]):
                if each.index in self._known:
                    continue
                free: frozenset[object] = frozenset()
                for arg in each.args:
                    free |= self._known[arg.index]
                if each.op == "prev":
                    free |= {each.attrs[0]}
                elif each.op == "state":
                    free -= {each.attrs[0]}
                self._known[each.index] = free
        return self._known[node.index]

    def body(self, state: Node) -> tuple[list[Node], list[Node]]:
        """Nodes evaluated inside the step of `state`, in order, and the nodes from outside that they read."""
        inside: dict[int, Node] = {}
        outside: dict[int, Node] = {}
        own = state.attrs[0]
        stack = [state.args[1]]
        while stack:
            node = stack.pop()
            if node.index in inside or node.index in outside:
                continue
            if own in self.of(node):
                inside[node.index] = node
                stack.extend(node.args)
            else:
                outside[node.index] = node
        return [inside[i] for i in sorted(inside)], [outside[i] for i in sorted(outside)]


def decision_nodes(program: Program) -> list[Node]:
    """What the decision step reads: conditions, filters, amounts, prices, exits, in source order, each once."""
    found: dict[int, Node] = {}

    def take(*nodes: Node | None) -> None:
        for node in nodes:
            if node is not None:
                found.setdefault(node.index, node)

    for rule in program.rules:
        take(rule.condition, rule.tick)
        take(*_of_group(rule.group))
        if rule.otherwise is not None:
            take(*_of_group(rule.otherwise))
    take(*(each.condition for each in program.filters))
    if program.size is not None:
        take(program.size.value)
    if program.pyramid is not None:
        take(program.pyramid.step.value)
    for exit_plan in program.protect:
        take(*_of_exit(exit_plan))
    return list(found.values())


def _of_group(group: GroupPlan) -> Iterator[Node | None]:
    for action in group.actions:
        yield from _of_action(action)


def _of_action(action: ActionPlan) -> Iterator[Node | None]:
    yield action.amount.value
    yield action.order.limit
    yield action.order.stop
    yield action.order.show
    yield action.order.life.value
    for exit_plan in action.exits:
        yield from _of_exit(exit_plan)


def _of_exit(exit_plan: ExitPlan) -> Iterator[Node | None]:
    yield _of_distance(exit_plan.distance)
    yield exit_plan.closing
    yield _of_distance(exit_plan.after)
    if exit_plan.life is not None:
        yield exit_plan.life.value


def _of_distance(distance: DistancePlan | None) -> Node | None:
    return distance.value if distance is not None else None
