// The data of a chart, as the server gives it, and what is read out of it. Knows neither the editor nor the page.

export type Values = readonly (number | null)[];

export interface Line {
  readonly title: string;
  /** "price" lies over the bars; others have a pane of their own. */
  readonly pane: string;
  readonly values: Values;
}

export interface Drawn {
  readonly name: string;
  /** Bars in one place of the chart. */
  readonly size: number;
  /** Place from which the rules were live. */
  readonly ready: number | null;
  /** Seconds: the first, then distances. */
  readonly time: readonly number[];
  /** open, high, low, close */
  readonly bars: readonly Values[];
  readonly volume: Values | null;
  readonly lines: readonly Line[];
}

export interface Trades {
  readonly words: readonly string[];
  readonly id: readonly number[];
  readonly symbol: readonly number[];
  readonly long: readonly number[];
  readonly entryBar: readonly number[];
  readonly exitBar: readonly (number | null)[];
  readonly entryPrice: readonly number[];
  readonly exitPrice: readonly (number | null)[];
  readonly scale: readonly number[];
  readonly pnl: readonly number[];
  readonly share: readonly (number | null)[];
  readonly entryRule: readonly number[];
  readonly exitRule: readonly number[];
}

export interface ChartData {
  readonly strategy: string;
  readonly bars: number;
  readonly total_return: number | null;
  readonly sharpe: number | null;
  readonly max_drawdown: number | null;
  readonly trades: number;
  readonly fired: Readonly<Record<string, number>>;
  /** By rule, for each symbol: the bars on which it was true. */
  readonly fired_bars: Readonly<Record<string, readonly (readonly number[])[]>>;
  readonly chart: { readonly daily: boolean; readonly symbols: readonly Drawn[]; readonly trades: Trades; readonly equity?: Values };
}

/** One decision, as it is told. */
export interface Decision {
  readonly rule: string;
  readonly head: string;
  readonly verdict: string;
  readonly condition: string;
  /** Text, value, truth. */
  readonly leaves: readonly (readonly [string, string, string])[];
  readonly reasons: readonly string[];
  readonly orders: readonly string[];
}

/** What the editor says to the page. */
export type ToPage =
  | { readonly type: "chart"; readonly data: ChartData; readonly isNew: boolean }
  | { readonly type: "rule"; readonly rule: string | null }
  | { readonly type: "told"; readonly symbol: number; readonly bar: number; readonly told: readonly Decision[] }
  | { readonly type: "bar"; readonly symbol: number; readonly bar: number }
  | { readonly type: "busy" }
  | { readonly type: "stale" }
  | { readonly type: "problem"; readonly text: string; readonly help: string; readonly missing: boolean };

/** What the page says to the editor. */
export type ToEditor =
  | { readonly type: "ready" }
  | { readonly type: "bar"; readonly symbol: number; readonly bar: number }
  | { readonly type: "rule"; readonly rule: string }
  | { readonly type: "run" }
  | { readonly type: "report" }
  | { readonly type: "bars" };

/** `[100, 60, 60]` to `[100, 160, 220]` */
export function sums(deltas: readonly number[]): number[] {
  let at = 0;
  return deltas.map((delta) => (at += delta));
}

/** The place on the chart of a bar, many of which may stand in one place. */
export function placeOf(bar: number, size: number): number {
  return Math.floor(bar / size);
}

/** The last bar in a place of the chart. */
export function barAt(place: number, size: number, bars: number): number {
  return Math.min((place + 1) * size - 1, bars - 1);
}

/** Neighbouring places as stretches `[first, last]`, so that a thousand bars are a few rectangles. */
export function stretches(bars: readonly number[], size: number): [number, number][] {
  const found: [number, number][] = [];
  for (const bar of bars) {
    const place = placeOf(bar, size);
    const last = found.at(-1);
    if (last && place <= last[1] + 1) last[1] = Math.max(last[1], place);
    else found.push([place, place]);
  }
  return found;
}

/** The stretch to look at: the one nearest to what is seen, if none is seen. */
export function toShow(found: readonly (readonly [number, number])[], seen: { from: number; to: number }): readonly [number, number] | undefined {
  if (found.length === 0 || found.some(([from, to]) => to >= seen.from && from <= seen.to)) return undefined;
  const distance = ([from, to]: readonly [number, number]) => (to < seen.from ? seen.from - to : from - seen.to);
  return found.reduce((best, each) => (distance(each) < distance(best) ? each : best));
}

/** `+12.4 %`, or a dash */
export function percent(share: number | null, sign = false): string {
  if (share === null) return "–";
  const value = (100 * share).toFixed(1);
  return `${sign && share > 0 ? "+" : ""}${value} %`.replace("-", "−");
}

/** Digits behind the point that tell a price apart. */
export function priceDigits(value: number): number {
  return value === 0 ? 2 : Math.min(8, Math.max(2, 4 - Math.floor(Math.log10(Math.abs(value)))));
}

/** Seconds as a day, or as a day and an hour. */
export function stamp(seconds: number, isDaily: boolean): string {
  const text = new Date(seconds * 1000).toISOString();
  return isDaily ? text.slice(0, 10) : `${text.slice(0, 10)} ${text.slice(11, 16)}`;
}

/** Panes in the order in which they are drawn: prices, the indicators' own, the equity. */
export function panesOf(drawn: Drawn): string[] {
  return ["price", ...new Set(drawn.lines.map((line) => line.pane).filter((pane) => pane !== "price"))];
}

/** Trades of one symbol, as row numbers. */
export function tradesOf(trades: Trades, symbol: number): number[] {
  return trades.id.map((_, row) => row).filter((row) => trades.symbol[row] === symbol);
}

/** How many whole bars stand in the chart. */
export function barCount(drawn: Drawn, total: number, isOnly: boolean): number {
  return isOnly ? total : drawn.time.length * drawn.size;
}
