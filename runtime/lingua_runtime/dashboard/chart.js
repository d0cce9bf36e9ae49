// Equity above, drawdown below.

import { $, money, share } from "/assets/format.js";

const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
let chart = null, equity = null, drawdown = null, of = "", last = 0;

const look = () => ({
  layout: {
    background: { color: css("--card") }, textColor: css("--dim"), fontSize: 11, attributionLogo: false,
    panes: { separatorColor: css("--line"), separatorHoverColor: css("--hover") },
  },
  grid: { vertLines: { color: css("--line") }, horzLines: { color: css("--line") } },
  rightPriceScale: { borderVisible: false },
  timeScale: { borderVisible: false, timeVisible: true, secondsVisible: false, minBarSpacing: 0.01 },
  localization: { locale: "en-US" },
});

const start = () => {
  const LC = window.LightweightCharts;
  chart = LC.createChart($("curve-chart"), { autoSize: true, ...look() });
  equity = chart.addSeries(LC.AreaSeries, { lineWidth: 2, priceLineVisible: false, priceFormat: { type: "custom", minMove: 0.01, formatter: (value) => money(value) } });
  drawdown = chart.addSeries(LC.AreaSeries, { lineWidth: 1, priceLineVisible: false, invertFilledArea: true, priceFormat: { type: "custom", minMove: 0.0001, formatter: (value) => share(value, 1) } }, 1);
  chart.panes()[0].setStretchFactor(3);
  chart.panes()[1].setStretchFactor(1);
  chart.subscribeCrosshairMove(({ seriesData }) => {
    const at = seriesData.get(equity), below = seriesData.get(drawdown);
    $("curve-legend").textContent = at ? `${money(at.value)} · drawdown ${share(-(below?.value ?? 0))}` : "";
  });
  // A window that is turned or made narrow shows all of it again.
  let width = 0;
  new ResizeObserver(([{ contentRect }]) => { if (contentRect.width !== width) { width = contentRect.width; requestAnimationFrame(() => chart.timeScale().fitContent()); } }).observe($("curve-chart"));
  paint();
};

/** In the colours of the theme. */
export const paint = () => {
  if (chart === null) return;
  chart.applyOptions(look());
  equity.applyOptions({ lineColor: css("--accent"), topColor: rgba(css("--accent"), .28), bottomColor: rgba(css("--accent"), .02) });
  drawdown.applyOptions({ lineColor: css("--down"), topColor: rgba(css("--down"), .05), bottomColor: rgba(css("--down"), .3) });
};
const rgba = (hex, alpha) => `rgba(${[1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)).join(", ")}, ${alpha})`;

/** All points of one deployment. Its time axis keeps what was looked at while the same deployment is drawn again. */
export const draw = (name, points) => {
  if (chart === null) start();
  const seconds = new Map();
  for (const point of points) if (point.equity !== null) seconds.set(Math.floor(point.ts / 1e9), point);
  const rows = [...seconds].sort(([a], [b]) => a - b);
  equity.setData(rows.map(([time, point]) => ({ time, value: point.equity })));
  drawdown.setData(rows.map(([time, point]) => ({ time, value: -(point.drawdown ?? 0) })));
  last = rows.length ? rows[rows.length - 1][0] : 0;
  if (name !== of) chart.timeScale().fitContent();
  of = name;
};

/** One more point of the deployment that is drawn. */
export const extend = (name, ts, value, below) => {
  const time = Math.floor(ts / 1e9);
  if (chart === null || name !== of || value === null || time < last) return;
  last = time;
  equity.update({ time, value });
  drawdown.update({ time, value: -(below ?? 0) });
};
