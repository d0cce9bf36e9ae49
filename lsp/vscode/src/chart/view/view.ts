// The page of the chart: bars with indicators, trades and equity; the bars of a rule; why each rule acted on a bar.
import {
  barAt, panesOf, percent, placeOf, priceDigits, stamp, stretches, sums, toShow, tradesOf, type ChartData, type Decision, type Drawn, type ToEditor,
  type ToPage,
} from "../model";
import { Bands, TradeLines, type Colours } from "./marks";

const LC = LightweightCharts;
const LINES = ["#4f9cf0", "#e0933a", "#a678ec", "#21b5aa", "#de6476", "#9aa944", "#cf72bd", "#7f8fe6"];
const MARKS: Record<string, string> = { true: "✓", false: "✗", unknown: "?" };
const editor = acquireVsCodeApi();
const say = (message: ToEditor) => editor.postMessage(message);
const part = (id: string) => document.getElementById(id)!;

interface Shown {
  readonly chart: LightweightCharts.ChartApi;
  readonly bands: Bands;
  readonly drawn: Drawn;
  readonly times: readonly number[];
  repaint(): void;
}

let data: ChartData | undefined;
let shown: Shown | undefined;
let symbol = 0;
let rule: string | null = null;

function make(tag: string, options: { class?: string; text?: string; title?: string; onclick?: () => void } = {}, ...children: HTMLElement[]): HTMLElement {
  const element = document.createElement(tag);
  if (options.class) element.className = options.class;
  if (options.text !== undefined) element.textContent = options.text;
  if (options.title) element.title = options.title;
  if (options.onclick) element.addEventListener("click", options.onclick);
  element.append(...children);
  return element;
}

function style(name: string, otherwise: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim() || otherwise;
}

/** A colour of the editor's theme with another opacity; themes write `#rrggbb` or `#rrggbbaa`. */
function faded(colour: string, opacity: number): string {
  const found = /^#([0-9a-f]{6})/i.exec(colour);
  return found ? `#${found[1]}${Math.round(opacity * 255).toString(16).padStart(2, "0")}` : colour;
}

function colours(): Colours {
  return {
    up: style("--vscode-charts-green", "#3fa66b"),
    down: style("--vscode-charts-red", "#d4565b"),
    rule: faded(style("--vscode-charts-blue", "#4f9cf0"), 0.22),
    picked: faded(style("--vscode-charts-orange", "#e0933a"), 0.35),
    paper: style("--vscode-editor-background", "#1e1e1e"),
  };
}

function look(): object {
  const line = faded(style("--vscode-editor-foreground", "#cccccc"), 0.12);
  return {
    layout: {
      background: { color: style("--vscode-editor-background", "#1e1e1e") },
      textColor: style("--vscode-descriptionForeground", "#999999"),
      fontFamily: style("--vscode-font-family", "sans-serif"),
      fontSize: 11,
      panes: { separatorColor: line, separatorHoverColor: line },
    },
    grid: { vertLines: { color: line }, horzLines: { color: line } },
    crosshair: { mode: LC.CrosshairMode.Normal },
    rightPriceScale: { borderVisible: false },
    timeScale: { borderVisible: false, timeVisible: !data?.chart.daily, secondsVisible: false, minBarSpacing: 0.02 },
    localization: { locale: "en-US", timeFormatter: (seconds: number) => stamp(seconds, Boolean(data?.chart.daily)) },
  };
}

const price = (value: number | null | undefined) =>
  value === null || value === undefined ? "na" : value.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: priceDigits(value) });
const money = (value: number | null | undefined) => (value === null || value === undefined ? "" : value.toLocaleString("en-US", { maximumFractionDigits: 0 }));

// --- the head ---------------------------------------------------------------------------------------------------

function drawHead(found: ChartData): void {
  const figure = (title: string, value: string, tone = "") => make("span", { class: "figure" }, make("i", { text: title }), make("b", { text: value, class: tone }));
  const tone = (value: number | null) => (value === null ? "" : value >= 0 ? "up" : "down");
  part("figures").replaceChildren(
    make("strong", { text: found.strategy }),
    figure("return", percent(found.total_return, true), tone(found.total_return)),
    figure("Sharpe", found.sharpe === null ? "–" : found.sharpe.toFixed(2)),
    figure("drawdown", percent(found.max_drawdown)),
    figure("trades", found.trades.toLocaleString("en-US")),
    figure("bars", found.bars.toLocaleString("en-US")),
  );
  const names = found.chart.symbols.map((each) => each.name);
  part("symbols").replaceChildren(
    ...(names.length > 1 ? names.map((name, at) => make("button", { text: name, class: at === symbol ? "on" : "", onclick: () => choose(at) })) : []),
  );
  const counts = found.fired;
  part("rules").replaceChildren(
    ...Object.keys(found.fired_bars).map((name) =>
      make("button", {
        text: `${name} ${(counts[name] ?? 0).toLocaleString("en-US")}`,
        class: name === rule ? "on" : "",
        title: `the bars on which ${name} was true`,
        onclick: () => {
          highlight(name === rule ? null : name, true);
          if (rule) say({ type: "rule", rule });
        },
      }),
    ),
  );
}

function choose(at: number): void {
  symbol = at;
  if (data) {
    drawHead(data);
    drawChart(data);
  }
}

// --- the chart --------------------------------------------------------------------------------------------------

function drawChart(found: ChartData, keep?: { from: number; to: number }): void {
  shown?.chart.remove();
  shown = undefined;
  const drawn = found.chart.symbols[symbol] ?? found.chart.symbols[0];
  if (!drawn) return;
  const times = sums(drawn.time);
  const [open = [], high = [], low = [], close = []] = drawn.bars;
  const panes = panesOf(drawn);
  const hasEquity = symbol === 0 && found.chart.equity !== undefined;
  const chart = LC.createChart(part("chart"), { autoSize: true, ...look() });
  const candles = chart.addSeries(LC.CandlestickSeries, { priceLineVisible: false, borderVisible: false, priceFormat: { type: "custom", formatter: price, minMove: 1e-8 } });
  candles.setData(times.map((time, at) => (close[at] === null ? { time } : { time, open: open[at], high: high[at], low: low[at], close: close[at] })));
  const bands = new Bands(colours);
  candles.attachPrimitive(bands);
  candles.attachPrimitive(new TradeLines(colours, found.chart.trades, tradesOf(found.chart.trades, symbol), drawn.size, times.length));
  let volume: LightweightCharts.SeriesApi | undefined;
  if (drawn.volume) {
    volume = chart.addSeries(LC.HistogramSeries, { priceScaleId: "volume", priceFormat: { type: "volume" }, lastValueVisible: false, priceLineVisible: false });
    volume.priceScale().applyOptions({ scaleMargins: { top: 0.86, bottom: 0 } });
    candles.priceScale().applyOptions({ scaleMargins: { top: 0.06, bottom: 0.16 } });
    volume.setData(times.map((time, at) => (drawn.volume![at] === null ? { time } : { time, value: drawn.volume![at] })));
  }
  drawn.lines.forEach((line, at) => {
    const series = chart.addSeries(
      LC.LineSeries,
      { color: LINES[at % LINES.length], lineWidth: 1.5, priceLineVisible: false, lastValueVisible: line.pane !== "price", crosshairMarkerRadius: 3, priceFormat: { type: "custom", formatter: price, minMove: 1e-8 } },
      panes.indexOf(line.pane),
    );
    series.setData(times.map((time, place) => (line.values[place] === null ? { time } : { time, value: line.values[place] })));
  });
  let equity: LightweightCharts.SeriesApi | undefined;
  if (hasEquity) {
    equity = chart.addSeries(LC.AreaSeries, { lineWidth: 1.5, priceLineVisible: false, title: "equity", priceFormat: { type: "custom", formatter: money, minMove: 0.01 } }, panes.length);
    equity.setData(times.map((time, at) => (found.chart.equity![at] === null ? { time } : { time, value: found.chart.equity![at] })));
  }
  chart.panes().forEach((pane, at) => pane.setStretchFactor(at === 0 ? 5 : hasEquity && at === panes.length ? 1.6 : 1.3));
  const repaint = () => {
    const now = colours();
    chart.applyOptions(look());
    candles.applyOptions({ upColor: now.up, downColor: now.down, wickUpColor: now.up, wickDownColor: now.down });
    volume?.applyOptions({ color: faded(style("--vscode-editor-foreground", "#888888"), 0.2) });
    const accent = style("--vscode-charts-blue", "#4f9cf0");
    equity?.applyOptions({ lineColor: accent, topColor: faded(accent, 0.3), bottomColor: faded(accent, 0.02) });
  };
  repaint();
  shown = { chart, bands, drawn, times, repaint };
  const legend = (at: number) => drawLegend(found, drawn, times, Math.max(0, Math.min(at, times.length - 1)));
  legend(times.length - 1);
  chart.subscribeCrosshairMove((event) => legend(event.logical === undefined || event.logical === null ? times.length - 1 : Math.round(event.logical)));
  chart.subscribeClick((event) => {
    if (event.logical === undefined || event.logical === null) return;
    const place = Math.round(event.logical);
    if (place < 0 || place >= times.length) return;
    const total = drawn.size === 1 ? times.length : found.bars;
    pick(symbol, barAt(place, drawn.size, total), false);
    say({ type: "bar", symbol, bar: barAt(place, drawn.size, total) });
  });
  const view = keep ?? { from: Math.max(times.length - 300, -1), to: times.length + 3 };
  // Once more when the page is laid out: a chart that is given its width later shows only its end.
  const fit = () => chart.timeScale().setVisibleLogicalRange(view);
  fit();
  requestAnimationFrame(() => requestAnimationFrame(fit));
  highlight(rule, false);
}

function drawLegend(found: ChartData, drawn: Drawn, times: readonly number[], at: number): void {
  const [open = [], high = [], low = [], close = []] = drawn.bars;
  const parts = [make("b", { text: `${drawn.name} ${stamp(times[at] ?? 0, found.chart.daily)}` })];
  parts.push(make("span", { text: `O ${price(open[at])} H ${price(high[at])} L ${price(low[at])} C ${price(close[at])}` }));
  drawn.lines.forEach((line, number) => {
    const swatch = make("i", { class: "swatch" });
    swatch.style.background = LINES[number % LINES.length]!;
    parts.push(make("span", {}, swatch, make("span", { text: `${line.title} ${price(line.values[at])}` })));
  });
  if (symbol === 0 && found.chart.equity) parts.push(make("span", { text: `equity ${money(found.chart.equity[at])}` }));
  parts.push(make("span", { class: "dim", text: drawn.size > 1 ? `${drawn.size} bars in one` : `bar ${at.toLocaleString("en-US")}` }));
  part("legend").replaceChildren(...parts);
}

function show(from: number, to: number): void {
  const scale = shown?.chart.timeScale();
  const seen = scale?.getVisibleLogicalRange();
  if (!scale || !seen) return;
  const half = (seen.to - seen.from) / 2;
  const middle = (from + Math.min(to, from + half)) / 2;
  scale.setVisibleLogicalRange({ from: middle - half, to: middle + half });
}

/** The bars of a rule; the nearest are brought into view when none is. */
function highlight(name: string | null, isAsked: boolean): void {
  rule = name;
  for (const button of part("rules").children) button.classList.toggle("on", button.textContent?.split(" ")[0] === name);
  if (!shown || !data) return;
  shown.bands.stretches = name === null ? [] : stretches(data.fired_bars[name]?.[symbol] ?? [], shown.drawn.size);
  shown.bands.redraw();
  const seen = shown.chart.timeScale().getVisibleLogicalRange();
  const found = isAsked && seen ? toShow(shown.bands.stretches, seen) : undefined;
  if (found) show(found[0], found[1]);
}

function pick(at: number, bar: number, isMoved: boolean): void {
  if (at !== symbol) choose(at);
  if (!shown) return;
  const place = placeOf(bar, shown.drawn.size);
  shown.bands.picked = place;
  shown.bands.redraw();
  const seen = shown.chart.timeScale().getVisibleLogicalRange();
  if (isMoved && seen && (place < seen.from + 2 || place > seen.to - 2)) show(place, place);
}

// --- why --------------------------------------------------------------------------------------------------------

function tell(told: readonly Decision[]): void {
  const panel = part("told");
  panel.hidden = false;
  const close = make("button", { class: "close", text: "×", title: "close", onclick: () => (panel.hidden = true) });
  panel.replaceChildren(close, ...told.map(decision));
  panel.scrollTop = 0;
}

function decision(one: Decision): HTMLElement {
  const leaves = make("div", { class: "leaves" });
  for (const [text, value, truth] of one.leaves) {
    leaves.append(make("span", { class: truth === "true" ? "up" : truth === "false" ? "down" : "dim", text: MARKS[truth] ?? "?" }), make("code", { text }), make("span", { text: value }));
  }
  const head = make("button", { class: "head", text: one.head, title: "go to the rule", onclick: () => say({ type: "rule", rule: one.rule }) });
  return make("div", { class: `decision ${one.verdict.replace(" ", "-")}` }, head, leaves, ...one.reasons.map((text) => make("p", { text })), ...one.orders.map((text) => make("p", { text: `→ ${text}` })));
}

// --- messages ---------------------------------------------------------------------------------------------------

addEventListener("message", ({ data: message }: MessageEvent<ToPage>) => {
  const body = document.body.classList;
  switch (message.type) {
    case "chart": {
      const before = message.isNew ? undefined : shown?.chart.timeScale().getVisibleLogicalRange();
      const isSame = data?.bars === message.data.bars && data.strategy === message.data.strategy;
      data = message.data;
      symbol = Math.min(symbol, Math.max(data.chart.symbols.length - 1, 0));
      body.remove("busy", "stale", "problem");
      part("told").hidden = true;
      drawHead(data);
      drawChart(data, isSame && before ? before : undefined);
      break;
    }
    case "rule":
      highlight(message.rule, true);
      break;
    case "told":
      pick(message.symbol, message.bar, true);
      tell(message.told);
      break;
    case "bar":
      pick(message.symbol, message.bar, true);
      break;
    case "busy":
      body.add("busy");
      break;
    case "stale":
      body.add("stale");
      break;
    case "problem":
      body.remove("busy");
      body.add("problem");
      part("problem-text").textContent = message.text;
      part("problem-help").textContent = message.missing ? "" : message.help;
      part("bars").hidden = !message.missing;
  }
});

part("run").addEventListener("click", () => say({ type: "run" }));
part("report").addEventListener("click", () => say({ type: "report" }));
part("bars").addEventListener("click", () => say({ type: "bars" }));
part("all").addEventListener("click", () => shown?.chart.timeScale().fitContent());
// The editor sets its theme's colours on the page.
new MutationObserver(() => shown?.repaint()).observe(document.documentElement, { attributes: true, attributeFilter: ["style", "class"] });
say({ type: "ready" });
