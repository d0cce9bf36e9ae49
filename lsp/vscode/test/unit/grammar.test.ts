// The TextMate grammar, read by the engine of VS Code: what colour each word has without a server.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { before, test } from "node:test";
import { INITIAL, parseRawGrammar, Registry, type IGrammar } from "vscode-textmate";
import { loadWASM, OnigScanner, OnigString } from "vscode-oniguruma";

const GRAMMAR = "../../grammar/lingua_grammar/lingua.tmLanguage.json";
const EXAMPLES = "../../examples";
let grammar: IGrammar;

before(async () => {
  const wasm = createRequire(join(process.cwd(), "package.json")).resolve("vscode-oniguruma/release/onig.wasm");
  await loadWASM(readFileSync(wasm).buffer as ArrayBuffer);
  const onigLib = Promise.resolve({ createOnigScanner: (sources: string[]) => new OnigScanner(sources), createOnigString: (text: string) => new OnigString(text) });
  const registry = new Registry({ onigLib, loadGrammar: () => Promise.resolve(parseRawGrammar(readFileSync(GRAMMAR, "utf8"), GRAMMAR)) });
  const found = await registry.loadGrammar("source.lingua");
  assert.ok(found);
  grammar = found;
});

interface Word {
  readonly text: string;
  readonly scopes: readonly string[];
}

function words(text: string): Word[] {
  let state = INITIAL;
  const found: Word[] = [];
  for (const line of text.split("\n")) {
    const { tokens, ruleStack } = grammar.tokenizeLine(line, state);
    state = ruleStack;
    for (const token of tokens) found.push({ text: line.slice(token.startIndex, token.endIndex).trim(), scopes: token.scopes });
  }
  return found.filter((each) => each.text !== "");
}

/** `A`, `B` and so on in a program: each word is the nth occurrence of a token, with the scope it must have. */
function check(text: string, expected: readonly (readonly [word: string, scope: string, nth?: number])[]): void {
  const found = words(text);
  for (const [word, scope, nth = 0] of expected) {
    const token = found.filter((each) => each.text === word)[nth];
    assert.ok(token, `${word} (${nth}) is a token of ${JSON.stringify(text)}: ${found.map((each) => each.text).join(" ¦ ")}`);
    assert.ok(token.scopes.some((each) => each.startsWith(scope)), `${word}: ${token.scopes.join(" ")} holds ${scope}`);
  }
}

test("a strategy of every common item", () => {
  check(
    `lingua 1
// a comment
strategy Trend {
  trade BTCUSDT @ 1h
  param fast = 12 in 5..30 step 1
  let up = ema(close, fast) > 0.5 and not (open is na)
  indicator band = bbands(close, 20, 2)
  state n: int = 0 => if up then prev + 1 else 0
  filter liquid: volume > 100
  rule enter: close crosses above band.upper => buy risk 1% at limit close for 4 bars with stop 2 * atr(14), target 2R closing 50% tag "a"
  rule leave: up => close 50% of position else sell
  plot: band.upper pane "price"
}`,
    [
      ["// a comment", "comment.line"], ["strategy", "storage.type"], ["Trend", "entity.name.type.strategy"], ["trade", "storage.type"],
      ["BTCUSDT", "constant.other.symbol"], ["1h", "constant.other.timeframe"], ["param", "storage.type"], ["fast", "variable.other.constant"],
      ["step", "keyword.other"], ["let", "storage.type"], ["ema", "entity.name.function"], ["close", "support.constant"], ["0.5", "constant.numeric"],
      ["and", "keyword.operator.word"], ["not", "keyword.operator.word"], ["na", "constant.language"], ["state", "storage.type"], ["int", "entity.name.type.unit"],
      ["if", "keyword.control"], ["filter", "storage.type"], ["liquid", "entity.name.type.rule"], ["rule", "storage.type"], ["enter", "entity.name.type.rule"],
      ["crosses above", "keyword.operator.word"], ["upper", "variable.other.property"], ["buy", "keyword.control.verb"], ["risk", "keyword.other"],
      ["1", "constant.numeric", 2], ["%", "keyword.other.unit"], ["at limit", "keyword.other"], ["for", "keyword.other"], ["bars", "keyword.other.unit"],
      ["with", "keyword.other"], ["stop", "keyword.other"], ["target", "keyword.other"], ["R", "keyword.other.unit"], ["closing", "keyword.other"],
      ["tag", "keyword.other"], ["sell", "keyword.control.verb"], ["plot", "storage.type"], ["pane", "keyword.other"],
    ],
  );
});

test("the verb close is a verb behind the arrow and a price elsewhere", () => {
  check("strategy S {\n  rule a: close > open => close 50%\n}", [["close", "support.constant", 0], ["close", "keyword.control.verb", 1]]);
});

test("soft words are names where a name stands", () => {
  check("strategy S {\n  let size = 1\n  let risk = size + trade\n  indicator state = sma(test, 3)\n  param target = 2\n}", [
    ["size", "variable.other", 0], ["risk", "variable.other", 0], ["size", "variable.other", 1], ["trade", "variable.other", 0],
    ["state", "variable.other", 0], ["test", "variable.other", 0], ["target", "variable.other", 0],
  ]);
});

test("a string ends with its line, a block comment does not", () => {
  const found = words('strategy S {\n  alert a: true => "open\n  rule r: true => buy\n/* one\ntwo */\n  rule q: true => sell\n}');
  assert.ok(found.find((each) => each.text === "r")!.scopes.some((each) => each.startsWith("entity.name.type.rule")));
  assert.ok(found.find((each) => each.text.startsWith("two"))!.scopes.includes("comment.block.lingua"));
  assert.ok(found.find((each) => each.text === "q")!.scopes.some((each) => each.startsWith("entity.name.type.rule")));
});

test("a half-typed rule does not colour the next one", () => {
  check("strategy S {\n  rule a: close > => buy risk\n  rule b: open > 1 => sell\n}", [["b", "entity.name.type.rule"], ["rule", "storage.type", 1], ["sell", "keyword.control.verb"]]);
});

test("blocks of settings, limits, protection and tests", () => {
  check(
    'strategy S {\n  execution { slippage: 3bp; fees: "x" }\n  risk { max_drawdown 15% => halt; daily_loss 2% => flatten for 1d }\n  protect { stop 2%, trail 3% after 1R }\n  optimize { objective: sharpe }\n}\ntest "t" for S {\n  given close = [1, 2]\n  using n: 3\n  expect always position >= 0 at bar 3\n}',
    [
      ["slippage", "support.type.property-name"], ["bp", "keyword.other.unit"], ["max_drawdown", "support.type.property-name"], ["halt", "keyword.control.verb"],
      ["flatten", "keyword.control.verb"], ["trail", "keyword.other"], ["after", "keyword.other"], ["objective", "support.type.property-name"], ["test", "storage.type"],
      ["S", "entity.name.type.strategy", 1], ["given", "keyword.other"], ["using", "keyword.other"], ["expect", "keyword.other"], ["always", "keyword.other"], ["at bar", "keyword.other"],
    ],
  );
});

test("functions, imports and portfolios", () => {
  check(
    'import "std/cloud" as c\nconst big = 100\nfn twice(x, n: int) -> price { let y = x * 2 return y }\nextern fn p(w: window<float, 64>) -> float from "m.onnx"\nportfolio Book {\n  capital 100_000 USD\n  run S on BTCUSDT @ 1h weight 60%\n}',
    [
      ["import", "keyword.control.import"], ["c", "entity.name.namespace"], ["big", "variable.other.constant"], ["fn", "storage.type"], ["twice", "entity.name.function"],
      ["price", "entity.name.type.unit"], ["return", "keyword.control"], ["extern fn", "storage.type"], ["from", "keyword.other"], ["portfolio", "storage.type"],
      ["Book", "entity.name.type.strategy"], ["100_000", "constant.numeric"], ["USD", "keyword.other.unit"], ["run", "storage.type"], ["weight", "keyword.other"],
    ],
  );
});

test("in the examples nothing is left without a colour but punctuation", () => {
  const files = readdirSync(EXAMPLES).filter((name) => name.endsWith(".lingua"));
  assert.ok(files.length >= 8);
  for (const file of files) {
    const text = readFileSync(join(EXAMPLES, file), "utf8");
    for (const each of words(text)) {
      const isPlain = each.scopes.every((scope) => scope.startsWith("source.") || scope.startsWith("meta."));
      assert.ok(!isPlain || /^[\s{}()[\],;:.]+$/.test(each.text), `${file}: ${each.text}`);
    }
    for (const strategy of text.matchAll(/^strategy (\w+)/gm)) check(text, [[strategy[1]!, "entity.name.type.strategy"]]);
  }
});
