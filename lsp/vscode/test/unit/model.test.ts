import assert from "node:assert/strict";
import { test } from "node:test";
import { barAt, panesOf, percent, placeOf, priceDigits, stamp, stretches, sums, toShow, tradesOf, type Drawn, type Trades } from "../../src/chart/model";
import { recordOf, symbolsIn } from "../../src/project";

test("times are sums of distances", () => {
  assert.deepEqual(sums([100, 60, 60, 120]), [100, 160, 220, 340]);
  assert.deepEqual(sums([]), []);
});

test("bars of a rule become stretches of neighbouring places", () => {
  assert.deepEqual(stretches([3, 4, 5, 9, 11, 12], 1), [[3, 5], [9, 9], [11, 12]]);
  assert.deepEqual(stretches([0, 9, 10, 39, 40], 10), [[0, 1], [3, 4]]);
  assert.deepEqual(stretches([], 1), []);
});

test("every bar lies in the stretch of its place, whatever the size", () => {
  for (const size of [1, 2, 7]) {
    const bars = Array.from({ length: 60 }, (_, n) => (n * n) % 101).sort((a, b) => a - b);
    const found = stretches(bars, size);
    for (const bar of bars) assert.ok(found.some(([from, to]) => from <= placeOf(bar, size) && placeOf(bar, size) <= to));
    for (const [at, [from]] of found.entries()) if (at > 0) assert.ok(from > found[at - 1]![1] + 1);
  }
});

test("the nearest stretch is shown when none is seen", () => {
  const seen = { from: 100, to: 200 };
  assert.equal(toShow([[10, 20], [150, 150]], seen), undefined);
  assert.deepEqual(toShow([[10, 20], [230, 231], [500, 501]], seen), [230, 231]);
  assert.equal(toShow([], seen), undefined);
});

test("a place stands for its last bar, and the last place for the last bar there is", () => {
  assert.equal(barAt(4, 1, 100), 4);
  assert.equal(barAt(4, 10, 100), 49);
  assert.equal(barAt(9, 10, 95), 94);
});

test("figures are written for people", () => {
  assert.equal(percent(0.1234, true), "+12.3 %");
  assert.equal(percent(-0.02), "−2.0 %");
  assert.equal(percent(null), "–");
  assert.equal(stamp(1_330_560_000, true), "2012-03-01");
  assert.equal(stamp(1_330_563_600, false), "2012-03-01 01:00");
  assert.ok(priceDigits(0.00012) > priceDigits(12));
  assert.equal(priceDigits(64_000), 2);
});

test("panes are those of the indicators, each once, the price first", () => {
  const line = (title: string, pane: string) => ({ title, pane, values: [] });
  const drawn: Drawn = { name: "A", size: 1, ready: 0, time: [], bars: [], volume: null, lines: [line("r", "rsi"), line("e", "price"), line("q", "rsi"), line("x", "x")] };
  assert.deepEqual(panesOf(drawn), ["price", "rsi", "x"]);
});

test("trades are those of the symbol", () => {
  const trades = { id: [1, 2, 3], symbol: [0, 1, 0] } as unknown as Trades;
  assert.deepEqual(tradesOf(trades, 0), [0, 2]);
});

test("records of a project file are read and written", () => {
  const text = recordOf("AAPL", "data/AAPL.csv") + "\n" + recordOf("CME:ES", "C:\\prices\\es.csv");
  assert.deepEqual(symbolsIn(text), ["AAPL", "CME:ES"]);
  assert.match(text, /\[symbols\.AAPL\]\nfile = "data\/AAPL\.csv"/);
  assert.match(text, /\[symbols\."CME:ES"\]\nfile = "C:\\\\prices\\\\es\.csv"/);
  assert.deepEqual(symbolsIn('# [symbols.NO]\nname = "[symbols.NO]"\n [ symbols . "A B" ]\n'), ["A B"]);
});
