import assert from "node:assert/strict";
import { test } from "node:test";
import { expressionAt, ruleAt, strategyAt, type Outline } from "../../src/cursor";

const at = (line: number, character = 0) => ({ line, character });
const span = (first: number, from: number, last: number, to: number) => ({ start: at(first, from), end: at(last, to) });
const entry = (name: string, range: ReturnType<typeof span>) => ({ name, range, at: range });
const outline: Outline = {
  strategies: [
    { ...entry("A", span(1, 0, 6, 1)), rules: [entry("enter", span(2, 2, 4, 20)), entry("leave", span(5, 2, 5, 30))], series: [], symbols: [] },
    { ...entry("B", span(8, 0, 10, 1)), rules: [entry("other", span(9, 2, 9, 10))], series: [], symbols: [] },
  ],
  tests: [],
};

test("a rule is found anywhere on its lines, and nowhere else", () => {
  assert.equal(ruleAt(outline, at(2, 0))?.rule.name, "enter");
  assert.equal(ruleAt(outline, at(3, 5))?.rule.name, "enter");
  assert.equal(ruleAt(outline, at(5, 99))?.rule.name, "leave");
  assert.equal(ruleAt(outline, at(9, 4))?.strategy.name, "B");
  assert.equal(ruleAt(outline, at(6, 0)), undefined);
  assert.equal(ruleAt(outline, at(0, 0)), undefined);
});

test("the strategy is the one around the cursor, else the one above, else the first", () => {
  assert.equal(strategyAt(outline, at(3))?.name, "A");
  assert.equal(strategyAt(outline, at(9))?.name, "B");
  assert.equal(strategyAt(outline, at(7))?.name, "A");
  assert.equal(strategyAt(outline, at(50))?.name, "B");
  assert.equal(strategyAt(outline, at(0))?.name, "A");
  assert.equal(strategyAt({ strategies: [], tests: [] }, at(0)), undefined);
});

test("a name is taken with its fields up to the one pointed at", () => {
  const line = "  rule x: close > band.upper and r[1] < 30";
  assert.equal(expressionAt(line, line.indexOf("close") + 2)?.text, "close");
  assert.equal(expressionAt(line, line.indexOf("upper") + 1)?.text, "band.upper");
  assert.equal(expressionAt(line, line.indexOf("band") + 1)?.text, "band");
  assert.equal(expressionAt(line, line.indexOf("30") + 1), undefined);
});
