"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const $ = (id) => document.getElementById(id);
  const LC = window.LightweightCharts;
  const root = document.documentElement;
  const LINES = ["#2f7de1", "#e08a1e", "#9b5de5", "#13a89e", "#d1495b", "#7a8b2e", "#c45ab3", "#5b6cc4"];

  // --- small helpers ------------------------------------------------------------------------------------------
  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name === "onclick") element.addEventListener("click", value);
      else if (value !== null && value !== false) element.setAttribute(name, value);
    }
    element.append(...children.filter((child) => child !== null));
    return element;
  };
  const sums = (deltas) => { let at = 0; return deltas.map((delta) => (at += delta)); };
  const number = (value, digits, sign = false) => value === null || value === undefined ? "" :
    value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits, signDisplay: sign ? "exceptZero" : "auto" });
  const digitsOf = (value) => value ? Math.min(10, Math.max(2, 5 - Math.floor(Math.log10(Math.abs(value))))) : 2;
  const price = (value) => value === null || value === undefined ? "" :
    value.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: digitsOf(value) });
  const money = (value, sign = true) => value === null ? "" : number(value, Math.abs(value) >= 10000 ? 0 : 2, sign);
  const quantity = (value) => value.toLocaleString("en-US", { maximumSignificantDigits: 7 });
  const stamp = (seconds) => {
    if (seconds === null) return "";
    const text = new Date(seconds * 1000).toISOString();
    return text.slice(11, 19) === "00:00:00" ? text.slice(0, 10) : `${text.slice(0, 10)} ${text.slice(11, text.slice(17, 19) === "00" ? 16 : 19)}`;
  };
  const barStamp = (seconds) => data.daily ? new Date(seconds * 1000).toISOString().slice(0, 10) : stamp(seconds);
  const css = (name) => getComputedStyle(root).getPropertyValue(name).trim();

  // --- theme --------------------------------------------------------------------------------------------------
  const repaint = [];
  const setTheme = (name) => {
    root.dataset.theme = name;
    try { localStorage.setItem("lingua-theme", name); } catch { /* a page from disk may have no storage */ }
    repaint.forEach((paint) => paint());
  };
  const isDark = () => root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  try { const kept = localStorage.getItem("lingua-theme"); if (kept) root.dataset.theme = kept; } catch { /* as above */ }
  const asked = new URLSearchParams(location.search).get("theme");
  if (asked === "dark" || asked === "light") root.dataset.theme = asked;
  $("theme").addEventListener("click", () => setTheme(isDark() ? "light" : "dark"));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => repaint.forEach((paint) => paint()));

  // Paper is white: charts are painted for it while the page prints.
  let before = "";
  addEventListener("beforeprint", () => { before = root.dataset.theme ?? ""; root.dataset.theme = "light"; repaint.forEach((paint) => paint()); });
  addEventListener("afterprint", () => { if (before) root.dataset.theme = before; else delete root.dataset.theme; repaint.forEach((paint) => paint()); });

  const look = () => ({
    layout: {
      background: { color: css("--card") }, textColor: css("--dim"), fontSize: 11, attributionLogo: true,
      panes: { separatorColor: css("--line"), separatorHoverColor: css("--hover") },
    },
    grid: { vertLines: { color: css("--line") }, horzLines: { color: css("--line") } },
    crosshair: { mode: LC.CrosshairMode.Normal },
    rightPriceScale: { borderVisible: false },
    timeScale: { borderVisible: false, timeVisible: !data.daily, secondsVisible: false, minBarSpacing: 0.01 },
    localization: { locale: "en-US", timeFormatter: barStamp },
  });
  const narrow = () => window.innerWidth < 560;
  const newChart = (holder, height) => {
    holder.style.height = `${height}px`;
    const chart = LC.createChart(holder, { autoSize: true, width: holder.clientWidth, height, handleScale: { mouseWheel: true }, ...look() });
    repaint.push(() => chart.applyOptions(look()));
    return chart;
  };
  /** Now, and again once the page is laid out: a chart that is given its width later would show only its end. */
  const fit = (show) => { show(); requestAnimationFrame(() => requestAnimationFrame(show)); };
  const switcher = (holder, choices, chosen) => {
    const buttons = choices.map(([label, act]) => make("button", { type: "button", onclick: () => pick(label, act) }, label));
    const pick = (label, act) => { buttons.forEach((button) => button.classList.toggle("on", button.textContent === label)); act(); };
    holder.append(...buttons);
    buttons.forEach((button) => button.classList.toggle("on", button.textContent === chosen));
  };

  // --- trades -------------------------------------------------------------------------------------------------
  const T = data.trades;
  const count = T.id.length;
  const word = (column, at) => T.words[T[column][at]];
  const tradeTitle = (at) => `#${T.id[at]} ${T.long[at] ? "long" : "short"} ${word("name", at)}`;

  const decision = (one) => {
    if (typeof one === "string") return make("p", {}, one);
    const leaves = make("div", { class: "leaves" });
    for (const [text, value, truth] of one.leaves) {
      const mark = { true: "✓", false: "✗", unknown: "?" }[truth];
      leaves.append(make("span", { class: truth === "true" ? "up" : truth === "false" ? "down" : "" }, mark), make("code", {}, text), make("span", {}, value));
    }
    return make("div", { class: `decision ${one.verdict.replace(" ", "-")}` },
      make("p", {}, make("b", {}, one.head)),
      one.condition ? make("p", {}, make("code", {}, one.condition)) : null,
      leaves,
      ...one.reasons.map((text) => make("p", {}, text)),
      ...one.orders.map((text) => make("p", {}, `→ ${text}`)));
  };
  const story = (at, withButton) => {
    const facts = [
      `entered ${stamp(T.entryTime[at])} at ${price(T.entryPrice[at])} by ${word("entryRule", at)}`,
      T.exitTime[at] === null ? "still open, marked at the last close" : `left ${stamp(T.exitTime[at])} at ${price(T.exitPrice[at])} by ${word("exitRule", at)}`,
      `${quantity(T.quantity[at])} held for ${number(T.bars[at], 0)} bars`,
      `net ${money(T.pnl[at])} (${number(T.share[at], 2, true)} %${T.r[at] === null ? "" : `, ${number(T.r[at], 2, true)} R`})`,
      `costs ${money(T.cost[at], false)}`,
      `worst ${number(T.mae[at], 2)} %, best ${number(T.mfe[at], 2)} % on the way`,
    ];
    if (word("tag", at)) facts.push(`tag ${word("tag", at)}`);
    if (T.early[at]) facts.push("entered before the indicators had settled");
    if (T.guess[at]) facts.push("a fill inside its bar could not be decided");
    const told = data.stories[T.id[at]];
    return make("div", { class: "story" },
      make("h4", {}, tradeTitle(at)),
      make("p", { class: "facts" }, ...facts.map((fact) => make("span", {}, fact))),
      ...(told ? told.map(decision) : [make("p", { class: "facts" }, `Why: lingua explain FILE ${word("entryRule", at)} --bar ${new Date(T.entryTime[at] * 1000).toISOString().replace(".000", "")}`)]),
      withButton ? make("button", { type: "button", onclick: () => { showOnChart(at); $("price").scrollIntoView({ behavior: "smooth" }); } }, "Show on chart") : null);
  };

  // --- price chart --------------------------------------------------------------------------------------------
  const price_ = { chart: null, series: null, symbol: 0, marks: null, isLog: false, detail: undefined, base: 0, size: 1, picked: -1, times: [], show: null };

  /** Lines from entry to exit, drawn at the fills' prices in the scale of the bars. */
  class TradeMarks {
    attached({ chart, series, requestUpdate }) { this.chart = chart; this.series = series; this.update = requestUpdate; }
    paneViews() { return [{ zOrder: () => "top", renderer: () => ({ draw: (target) => target.useMediaCoordinateSpace((scope) => this.draw(scope)) }) }]; }
    draw({ context: pen, mediaSize }) {
      const range = this.chart.timeScale().getVisibleLogicalRange();
      if (!range) return;
      const seen = tradesOf(price_.symbol).filter((at) => place(T.exitBar[at] ?? Infinity) >= range.from - 1 && place(T.entryBar[at]) <= range.to + 1);
      const far = seen.length > 250;
      const [up, down, accent, text] = [css("--up"), css("--down"), css("--accent"), css("--text")];
      for (const at of seen) {
        const open = T.exitBar[at] === null;
        const end = open ? price_.times.length - 1 : place(T.exitBar[at]);
        const [x1, x2] = [this.x(place(T.entryBar[at])), this.x(end)];
        const y1 = this.series.priceToCoordinate(T.entryPrice[at] * T.scale[at]);
        const y2 = open ? y1 : this.series.priceToCoordinate(T.exitPrice[at] * T.scale[at]);
        if (x1 === null || y1 === null) continue;
        const isPicked = at === price_.picked;
        pen.strokeStyle = pen.fillStyle = isPicked ? accent : T.pnl[at] >= 0 ? up : down;
        pen.lineWidth = isPicked ? 2.5 : far ? 1 : 1.5;
        pen.setLineDash(open ? [4, 4] : []);
        if (x2 !== null && y2 !== null) { pen.beginPath(); pen.moveTo(x1, y1); pen.lineTo(x2, y2); pen.stroke(); }
        pen.setLineDash([]);
        if (far && !isPicked) continue;
        const way = T.long[at] ? 1 : -1;
        pen.fillStyle = T.long[at] ? up : down;
        pen.strokeStyle = css("--card");
        pen.lineWidth = 1;
        pen.beginPath(); pen.moveTo(x1, y1); pen.lineTo(x1 - 5, y1 + 9 * way); pen.lineTo(x1 + 5, y1 + 9 * way); pen.closePath(); pen.fill(); pen.stroke();
        if (!open && y2 !== null && x2 !== null) {
          pen.fillStyle = css("--card"); pen.strokeStyle = isPicked ? accent : text; pen.lineWidth = 1.5;
          pen.beginPath(); pen.arc(x2, y2, 3.2, 0, 7); pen.fill(); pen.stroke();
        }
      }
    }
    x(place) { return this.chart.timeScale().logicalToCoordinate(place); }
  }
  const bySymbol = new Map();
  const tradesOf = (symbol) => {
    if (!bySymbol.has(symbol)) bySymbol.set(symbol, T.id.map((_, at) => at).filter((at) => T.symbol[at] === symbol));
    return bySymbol.get(symbol);
  };
  /** Where a bar stands on the chart that is shown: single bars, or many to a place. */
  const place = (bar) => bar === Infinity ? Infinity : Math.floor((bar - price_.base) / price_.size);

  const drawPrice = () => {
    const symbol = data.symbols[price_.symbol];
    if (price_.chart) { price_.chart.remove(); repaint.pop(); price_.chart = null; }
    if (!symbol || !LC) return;
    const detail = price_.detail;
    const times = sums((detail ?? symbol).time);
    const [open, high, low, close] = (detail ?? symbol).bars;
    const volume = (detail ?? symbol).volume;
    price_.times = times; price_.base = detail ? detail.from : 0; price_.size = detail ? 1 : symbol.size;
    const panes = ["price", ...new Set(symbol.lines.map((line) => line.pane).filter((pane) => pane !== "price"))];
    $("price-scale").textContent = symbol.restated ? "restated for later splits; tables show traded prices" : "";
    const chart = newChart($("price-chart"), (narrow() ? 300 : 400) + (panes.length - 1) * (narrow() ? 90 : 110));
    const candles = chart.addSeries(LC.CandlestickSeries, { priceLineVisible: false, priceFormat: { type: "custom", formatter: price, minMove: 1e-8 } });
    candles.setData(times.map((time, at) => close[at] === null ? { time } : { time, open: open[at], high: high[at], low: low[at], close: close[at] }));
    price_.marks = new TradeMarks();
    candles.attachPrimitive(price_.marks);
    price_.chart = chart; price_.series = candles;
    let bars = null;
    if (volume) {
      bars = chart.addSeries(LC.HistogramSeries, { priceScaleId: "volume", priceFormat: { type: "volume" }, lastValueVisible: false, priceLineVisible: false });
      bars.priceScale().applyOptions({ scaleMargins: { top: 0.86, bottom: 0 } });
      candles.priceScale().applyOptions({ scaleMargins: { top: 0.06, bottom: 0.16 } });
      bars.setData(times.map((time, at) => volume[at] === null ? { time } : { time, value: volume[at] }));
    }
    const lines = symbol.lines.map((line, number_) => {
      const values = detail ? detail.lines[number_] : line.values;
      const series = chart.addSeries(LC.LineSeries, {
        color: LINES[number_ % LINES.length], lineWidth: 1.5, priceLineVisible: false, lastValueVisible: line.pane !== "price",
        crosshairMarkerRadius: 3, priceFormat: { type: "custom", formatter: price, minMove: 1e-8 },
      }, panes.indexOf(line.pane));
      series.setData(times.map((time, at) => values[at] === null ? { time } : { time, value: values[at] }));
      return { title: line.title, values, color: LINES[number_ % LINES.length] };
    });
    chart.panes().forEach((pane, at) => pane.setStretchFactor(at === 0 ? (narrow() ? 300 : 400) : (narrow() ? 90 : 110)));
    const paint = () => {
      candles.applyOptions({ upColor: css("--up"), downColor: css("--down"), wickUpColor: css("--up"), wickDownColor: css("--down"), borderVisible: false });
      if (bars) bars.applyOptions({ color: `rgba(${isDark() ? "140,155,180" : "120,130,150"},.3)` });
    };
    paint();
    const old = repaint.pop();
    repaint.push(() => { old(); paint(); });
    const legend = (at) => {
      const parts = [];
      if (times[at] !== undefined) parts.push(make("b", {}, barStamp(times[at])));
      if (close[at] !== null && close[at] !== undefined) parts.push(make("span", {}, `O ${price(open[at])}  H ${price(high[at])}  L ${price(low[at])}  C ${price(close[at])}`));
      if (volume && volume[at] !== null && volume[at] !== undefined) parts.push(make("span", {}, `Vol ${quantity(volume[at])}`));
      for (const line of lines) parts.push(make("span", {}, swatch(line.color), `${line.title} ${price(line.values[at]) || "na"}`));
      if (price_.size > 1) parts.push(make("span", {}, `${price_.size} bars in one`));
      $("price-legend").replaceChildren(...parts);
    };
    legend(times.length - 1);
    chart.subscribeCrosshairMove((at) => legend(at.logical === undefined || at.logical === null ? times.length - 1 : Math.round(at.logical)));
    chart.subscribeClick((click) => {
      if (click.logical === undefined || click.logical === null) return;
      const found = nearest(click);
      if (found >= 0) pickTrade(found);
    });
    price_.show = (bars_) => bars_ ? chart.timeScale().setVisibleLogicalRange({ from: times.length - bars_, to: times.length + 2 }) : chart.timeScale().fitContent();
  };
  const swatch = (color) => { const mark = make("i"); mark.style.background = color; return mark; };
  /** The trade whose line passes closest to the click, within 40 pixels. */
  const nearest = (click) => {
    const scale = price_.chart.timeScale();
    let best = -1, least = 40;
    for (const at of tradesOf(price_.symbol)) {
      const [x1, y1] = [scale.logicalToCoordinate(place(T.entryBar[at])), price_.series.priceToCoordinate(T.entryPrice[at] * T.scale[at])];
      const open = T.exitBar[at] === null;
      const [x2, y2] = [scale.logicalToCoordinate(open ? price_.times.length - 1 : place(T.exitBar[at])), open ? y1 : price_.series.priceToCoordinate(T.exitPrice[at] * T.scale[at])];
      if (x1 === null || x2 === null || y1 === null || y2 === null) continue;
      const length = (x2 - x1) ** 2 + (y2 - y1) ** 2;
      const share = length ? Math.max(0, Math.min(1, ((click.point.x - x1) * (x2 - x1) + (click.point.y - y1) * (y2 - y1)) / length)) : 0;
      const distance = Math.hypot(click.point.x - x1 - share * (x2 - x1), click.point.y - y1 - share * (y2 - y1));
      if (distance < least) { least = distance; best = at; }
    }
    return best;
  };
  const pickTrade = (at) => {
    price_.picked = at;
    const told = story(at, false);
    $("picked").replaceChildren(...told.childNodes);
    $("picked").hidden = false;
    if (price_.marks) price_.marks.update();
  };
  const showOnChart = (at) => {
    if (T.symbol[at] < 0 || T.symbol[at] >= data.symbols.length) return;
    const detail = data.symbols[T.symbol[at]].details.find((one) => T.entryBar[at] >= one.from && T.entryBar[at] < one.from + one.time.length);
    if (T.symbol[at] !== price_.symbol || detail !== price_.detail) {
      price_.symbol = T.symbol[at]; price_.detail = detail; drawPrice(); controls();
    }
    const [from, to] = [place(T.entryBar[at]), place(T.exitBar[at] ?? Infinity)];
    const end = Math.min(to, price_.times.length - 1);
    const around = Math.max(25, Math.round((end - from) * 0.6));
    price_.chart.timeScale().setVisibleLogicalRange({ from: from - around, to: end + around });
    pickTrade(at);
  };
  const controls = () => {
    const holder = $("price-controls");
    holder.replaceChildren();
    if (data.symbols.length > 1) {
      const menu = make("select", { "aria-label": "Symbol" }, ...data.symbols.map((symbol, at) => make("option", { value: at }, symbol.name)));
      menu.value = price_.symbol;
      menu.addEventListener("change", () => { price_.symbol = Number(menu.value); price_.detail = undefined; price_.picked = -1; $("picked").hidden = true; drawPrice(); controls(); });
      holder.append(menu);
    }
    if (price_.detail) {
      holder.append(make("button", { type: "button", onclick: () => { price_.detail = undefined; drawPrice(); controls(); } }, "Back to all bars"));
      price_.show();
      return;
    }
    const length = price_.times.length;
    const choices = [200, 1000].filter((bars) => bars < length).map((bars) => [`${number(bars * price_.size, 0)} bars`, () => price_.show(bars)]);
    const first = length > 1500 && price_.size === 1 ? choices[1][0] : "All";
    switcher(holder, [...choices, ["All", () => price_.show()]], first);
    fit(() => price_.show(first === "All" ? 0 : 1000));
    const log = make("button", { type: "button", title: "Logarithmic price scale", onclick: () => { price_.isLog = !price_.isLog; scale(); } }, "Log");
    const scale = () => {
      log.classList.toggle("on", price_.isLog);
      price_.chart.priceScale("right", 0).applyOptions({ mode: price_.isLog ? LC.PriceScaleMode.Logarithmic : LC.PriceScaleMode.Normal });
    };
    holder.append(log);
    scale();
  };

  // --- equity chart -------------------------------------------------------------------------------------------
  const drawCurve = () => {
    const curve = data.curve;
    if (!curve.time.length) { $("curve-chart").append(make("p", {}, "The rules were never live.")); return; }
    const times = sums(curve.time);
    const chart = newChart($("curve-chart"), narrow() ? 320 : 400);
    const plain = { priceLineVisible: false, priceFormat: { type: "custom", formatter: (value) => money(value, false), minMove: 0.01 } };
    const hold = chart.addSeries(LC.LineSeries, { ...plain, lineWidth: 1.5 });
    const equity = chart.addSeries(LC.LineSeries, { ...plain, lineWidth: 2 });
    const drawdown = chart.addSeries(LC.BaselineSeries, {
      priceLineVisible: false, lineWidth: 1, baseValue: { type: "price", price: 0 },
      priceFormat: { type: "custom", formatter: (value) => `${value.toFixed(1)} %`, minMove: 0.01 },
    }, 1);
    const line = (values) => times.map((time, at) => values[at] === null ? { time } : { time, value: values[at] });
    equity.setData(line(curve.equity)); hold.setData(line(curve.hold)); drawdown.setData(line(curve.drawdown));
    chart.panes()[0].setStretchFactor(3); chart.panes()[1].setStretchFactor(1);
    const paint = () => {
      equity.applyOptions({ color: css("--accent") });
      hold.applyOptions({ color: css("--hold") });
      const down = css("--down-rgb");
      drawdown.applyOptions({ bottomLineColor: css("--down"), bottomFillColor1: `rgba(${down},.08)`, bottomFillColor2: `rgba(${down},.35)`, topLineColor: css("--down"), topFillColor1: "transparent", topFillColor2: "transparent" });
    };
    paint();
    repaint.push(paint);
    const legend = (at) => {
      $("curve-legend").replaceChildren(
        make("b", {}, barStamp(times[at])),
        make("span", {}, swatch(css("--accent")), `strategy ${money(curve.equity[at], false)}`),
        make("span", {}, swatch(css("--hold")), `buy and hold ${money(curve.hold[at], false)}`),
        make("span", {}, swatch(css("--down")), `drawdown ${number(-curve.drawdown[at], 2)} %`));
    };
    const last = times.length - 1;
    legend(last);
    chart.subscribeCrosshairMove((at) => legend(at.logical === undefined || at.logical === null ? last : Math.max(0, Math.min(last, Math.round(at.logical)))));
    repaint.push(() => legend(last));
    const mode = (value) => chart.priceScale("right", 0).applyOptions({ mode: value });
    const all = [...curve.equity, ...curve.hold].filter((value) => value !== null);
    const [least, most] = all.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity]);
    const isLog = least > 0 && most / least > 4;
    const choices = [["Linear", () => mode(LC.PriceScaleMode.Normal)], ["Log", () => mode(LC.PriceScaleMode.Logarithmic)]];
    if (least <= 0) choices.pop();
    switcher($("curve-controls"), choices, isLog ? "Log" : "Linear");
    if (isLog) mode(LC.PriceScaleMode.Logarithmic);
    fit(() => chart.timeScale().fitContent());
  };

  // --- trade table --------------------------------------------------------------------------------------------
  const PAGE = 50;
  const table = { sort: "entryTime", isUp: true, page: 0, rows: [], open: -1 };
  const several = new Set(T.name).size > 1;
  const columns = [
    ["id", "#", (at) => T.id[at]],
    several ? ["name", "Symbol", (at) => word("name", at), "text"] : null,
    ["long", "Side", (at) => T.long[at] ? "long" : "short", "text"],
    ["quantity", "Quantity", (at) => quantity(T.quantity[at])],
    ["entryTime", "Entry", (at) => stamp(T.entryTime[at]), "text"],
    ["entryPrice", "at", (at) => price(T.entryPrice[at])],
    ["exitTime", "Exit", (at) => T.exitTime[at] === null ? "open" : stamp(T.exitTime[at]), "text"],
    ["exitPrice", "at", (at) => price(T.exitPrice[at])],
    ["pnl", "Net", (at) => money(T.pnl[at]), "tone"],
    ["share", "%", (at) => number(T.share[at], 2, true), "tone"],
    T.r.some((value) => value !== null) ? ["r", "R", (at) => number(T.r[at], 2, true), "tone"] : null,
    ["bars", "Bars", (at) => number(T.bars[at], 0)],
    ["entryRule", "By", (at) => word("entryRule", at), "text"],
    ["exitRule", "Left by", (at) => word("exitRule", at), "text"],
  ].filter(Boolean);
  const isWord = { name: true, entryRule: true, exitRule: true };
  const haystack = T.id.map((_, at) => [
    `#${T.id[at]}`, word("name", at), T.long[at] ? "long" : "short", stamp(T.entryTime[at]), stamp(T.exitTime[at]), word("entryRule", at), word("exitRule", at), word("tag", at),
  ].join(" ").toLowerCase());

  const arrange = () => {
    const words = $("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    table.rows = haystack.map((_, at) => at).filter((at) => words.every((one) => haystack[at].includes(one)));
    const key = isWord[table.sort] ? (at) => word(table.sort, at) : (at) => T[table.sort][at];
    const way = table.isUp ? 1 : -1;
    table.rows.sort((a, b) => {
      const [x, y] = [key(a), key(b)];
      // Missing values stay at the end whichever way the rest is sorted.
      if (x === null || y === null) return x === y ? a - b : x === null ? 1 : -1;
      return x < y ? -way : x > y ? way : a - b;
    });
    table.page = 0;
    fill();
  };
  const fill = () => {
    const head = $("trade-table").tHead, body = $("trade-table").tBodies[0];
    head.replaceChildren(make("tr", {}, ...columns.map(([name, title, , kind]) => {
      const isOn = table.sort === name;
      const cell = make("th", { role: "button", tabindex: 0, class: kind === "text" ? "text" : null, "aria-sort": isOn ? (table.isUp ? "ascending" : "descending") : null },
        title + (isOn ? (table.isUp ? " ↑" : " ↓") : ""));
      const sort = () => { table.isUp = isOn ? !table.isUp : kind === "text" || name === "id"; table.sort = name; arrange(); };
      cell.addEventListener("click", sort);
      cell.addEventListener("keydown", (press) => { if (press.key === "Enter" || press.key === " ") { press.preventDefault(); sort(); } });
      return cell;
    })));
    const shown = table.rows.slice(table.page * PAGE, (table.page + 1) * PAGE);
    body.replaceChildren();
    for (const at of shown) {
      const row = make("tr", { class: at === table.open ? "trade open" : "trade", tabindex: 0, "aria-expanded": at === table.open ? "true" : "false" },
        ...columns.map(([name, , text, kind]) => {
          const value = kind === "tone" ? T[name][at] : null;
          return make("td", { class: kind === "text" ? "text" : value > 0 ? "up" : value < 0 ? "down" : null }, String(text(at)));
        }));
      const toggle = () => { table.open = table.open === at ? -1 : at; fill(); };
      row.addEventListener("click", toggle);
      row.addEventListener("keydown", (press) => { if (press.key === "Enter" || press.key === " ") { press.preventDefault(); toggle(); } });
      body.append(row);
      if (at === table.open) body.append(make("tr", {}, make("td", { class: "told", colspan: columns.length }, story(at, Boolean(LC)))));
    }
    const total = table.rows.length, pages = Math.ceil(total / PAGE);
    const from = total ? table.page * PAGE + 1 : 0;
    const left = T.left ? ` (the latest; ${number(T.left, 0)} earlier rows are in the file of --trades)` : "";
    $("trade-count").textContent = count === 0 ? "No trades." : `${number(from, 0)} to ${number(Math.min(from + PAGE - 1, total), 0)} of ${number(total, 0)} rows${left}`;
    const step = (label, to, isOff) => { const button = make("button", { type: "button", onclick: () => { table.page = to; fill(); } }, label); button.disabled = isOff; return button; };
    $("trade-pages").replaceChildren(...(pages > 1 ? [step("Previous", table.page - 1, table.page === 0), step("Next", table.page + 1, table.page >= pages - 1)] : []));
  };

  $("search").addEventListener("input", arrange);
  arrange();
  if (LC) { drawPrice(); if (price_.chart) controls(); drawCurve(); }
})();
