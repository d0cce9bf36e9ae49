// What stands where in a text, as the server tells it (`lingua.outline`), and what is at the cursor.

export interface Position {
  readonly line: number;
  readonly character: number;
}

export interface Range {
  readonly start: Position;
  readonly end: Position;
}

export interface Entry {
  readonly name: string;
  readonly range: Range;
  /** Where the name stands. */
  readonly at: Range;
}

export interface Strategy extends Entry {
  readonly rules: readonly Entry[];
  readonly series: readonly Entry[];
  readonly symbols: readonly string[];
}

export interface Test extends Entry {
  readonly strategy: string;
}

export interface Outline {
  readonly strategies: readonly Strategy[];
  readonly tests: readonly Test[];
}

function isIn(range: Range, at: Position): boolean {
  const after = at.line > range.start.line || (at.line === range.start.line && at.character >= range.start.character);
  const before = at.line < range.end.line || (at.line === range.end.line && at.character <= range.end.character);
  return after && before;
}

/** The strategy around a place; else the nearest above it; else the first. */
export function strategyAt(outline: Outline, at: Position): Strategy | undefined {
  const inside = outline.strategies.find((each) => isIn(each.range, at));
  const above = outline.strategies.filter((each) => each.range.start.line <= at.line).at(-1);
  return inside ?? above ?? outline.strategies[0];
}

/** The rule at a place. The blanks before it on its line are of it: that is where the cursor often is. */
export function ruleAt(outline: Outline, at: Position): { strategy: Strategy; rule: Entry } | undefined {
  for (const strategy of outline.strategies) {
    const rule =
      strategy.rules.find((each) => isIn(each.range, at)) ??
      strategy.rules.find((each) => at.line >= each.range.start.line && at.line <= each.range.end.line);
    if (rule) return { strategy, rule };
  }
  return undefined;
}

/** The name, with its fields, that a debugger is to tell the value of: `band.upper` at any place of it. */
export function expressionAt(line: string, character: number): { text: string; from: number } | undefined {
  for (const found of line.matchAll(/[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*/g)) {
    if (found.index <= character && character <= found.index + found[0].length) {
      // Up to the field that is pointed at.
      const end = found[0].indexOf(".", character - found.index);
      return { text: end < 0 ? found[0] : found[0].slice(0, end), from: found.index };
    }
  }
  return undefined;
}
