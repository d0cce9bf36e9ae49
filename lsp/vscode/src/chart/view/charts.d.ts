// The part of lightweight-charts that is used; the script itself is loaded by the page.
declare namespace LightweightCharts {
  interface SeriesApi {
    setData(data: readonly object[]): void;
    applyOptions(options: object): void;
    attachPrimitive(primitive: object): void;
    priceToCoordinate(price: number): number | null;
    priceScale(): { applyOptions(options: object): void };
  }
  interface TimeScaleApi {
    getVisibleLogicalRange(): { from: number; to: number } | null;
    setVisibleLogicalRange(range: { from: number; to: number }): void;
    logicalToCoordinate(logical: number): number | null;
    fitContent(): void;
    options(): { barSpacing: number };
  }
  interface PointerEventParams {
    logical?: number | null;
    point?: { x: number; y: number };
  }
  interface ChartApi {
    addSeries(kind: object, options: object, pane?: number): SeriesApi;
    timeScale(): TimeScaleApi;
    panes(): { setStretchFactor(factor: number): void }[];
    applyOptions(options: object): void;
    subscribeClick(listener: (event: PointerEventParams) => void): void;
    subscribeCrosshairMove(listener: (event: PointerEventParams) => void): void;
    remove(): void;
  }
  const CandlestickSeries: object;
  const LineSeries: object;
  const HistogramSeries: object;
  const AreaSeries: object;
  const CrosshairMode: { Normal: number };
  function createChart(holder: HTMLElement, options: object): ChartApi;
}
declare function acquireVsCodeApi(): { postMessage(message: unknown): void; setState(state: unknown): void };
