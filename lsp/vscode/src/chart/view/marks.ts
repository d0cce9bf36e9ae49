// What is drawn over the bars besides lines: the bars of a rule, the bar that is asked about, trades.
import { placeOf, type Trades } from "../model";

interface Scope {
  context: CanvasRenderingContext2D;
  mediaSize: { width: number; height: number };
}

interface Target {
  useMediaCoordinateSpace(draw: (scope: Scope) => void): void;
}

interface Attached {
  chart: LightweightCharts.ChartApi;
  series: LightweightCharts.SeriesApi;
  requestUpdate(): void;
}

export interface Colours {
  readonly up: string;
  readonly down: string;
  readonly rule: string;
  readonly picked: string;
  readonly paper: string;
}

abstract class Layer {
  protected chart!: LightweightCharts.ChartApi;
  protected series!: LightweightCharts.SeriesApi;
  private update: () => void = () => undefined;

  constructor(protected colours: () => Colours, private readonly order: "bottom" | "top") {}

  attached({ chart, series, requestUpdate }: Attached): void {
    this.chart = chart;
    this.series = series;
    this.update = requestUpdate;
  }

  paneViews(): object[] {
    const renderer = { draw: (target: Target) => target.useMediaCoordinateSpace((scope) => this.draw(scope)) };
    return [{ zOrder: () => this.order, renderer: () => renderer }];
  }

  redraw(): void {
    this.update();
  }

  protected abstract draw(scope: Scope): void;

  protected x(place: number): number | null {
    return this.chart.timeScale().logicalToCoordinate(place);
  }
}

/** Upright bands behind the bars. */
export class Bands extends Layer {
  stretches: readonly (readonly [number, number])[] = [];
  picked: number | null = null;

  constructor(colours: () => Colours) {
    super(colours, "bottom");
  }

  protected draw({ context: pen, mediaSize }: Scope): void {
    const half = Math.max(this.chart.timeScale().options().barSpacing / 2, 1);
    const seen = this.chart.timeScale().getVisibleLogicalRange();
    if (!seen) return;
    const band = (from: number, to: number, colour: string) => {
      const [left, right] = [this.x(from), this.x(to)];
      if (left === null || right === null) return;
      pen.fillStyle = colour;
      pen.fillRect(left - half, 0, right - left + 2 * half, mediaSize.height);
    };
    for (const [from, to] of this.stretches) {
      if (to >= seen.from - 1 && from <= seen.to + 1) band(from, to, this.colours().rule);
    }
    if (this.picked !== null) band(this.picked, this.picked, this.colours().picked);
  }
}

/** A line from entry to exit of each trade, with an arrow where it began. */
export class TradeLines extends Layer {
  constructor(colours: () => Colours, private readonly trades: Trades, private readonly rows: readonly number[],
    private readonly size: number, private readonly places: number) {
    super(colours, "top");
  }

  protected draw({ context: pen }: Scope): void {
    const seen = this.chart.timeScale().getVisibleLogicalRange();
    if (!seen) return;
    const { trades, size } = this;
    const colours = this.colours();
    const place = (bar: number | null | undefined) => (bar === null || bar === undefined ? this.places - 1 : placeOf(bar, size));
    const rows = this.rows.filter((row) => place(trades.exitBar[row]) >= seen.from - 1 && place(trades.entryBar[row]) <= seen.to + 1);
    const isCrowded = rows.length > 250;
    for (const row of rows) {
      const isOpen = trades.exitBar[row] === null;
      const scale = trades.scale[row] ?? 1;
      const [x1, x2] = [this.x(place(trades.entryBar[row])), this.x(place(trades.exitBar[row]))];
      const y1 = this.series.priceToCoordinate((trades.entryPrice[row] ?? 0) * scale);
      const exit = trades.exitPrice[row];
      const y2 = exit === null || exit === undefined ? y1 : this.series.priceToCoordinate(exit * scale);
      if (x1 === null || y1 === null || x2 === null || y2 === null) continue;
      pen.strokeStyle = (trades.pnl[row] ?? 0) >= 0 ? colours.up : colours.down;
      pen.lineWidth = isCrowded ? 1 : 1.5;
      pen.setLineDash(isOpen ? [4, 4] : []);
      pen.beginPath();
      pen.moveTo(x1, y1);
      pen.lineTo(x2, y2);
      pen.stroke();
      pen.setLineDash([]);
      if (isCrowded) continue;
      const way = trades.long[row] ? 1 : -1;
      pen.fillStyle = trades.long[row] ? colours.up : colours.down;
      pen.strokeStyle = colours.paper;
      pen.lineWidth = 1;
      pen.beginPath();
      pen.moveTo(x1, y1);
      pen.lineTo(x1 - 5, y1 + 9 * way);
      pen.lineTo(x1 + 5, y1 + 9 * way);
      pen.closePath();
      pen.fill();
      pen.stroke();
      if (!isOpen) {
        pen.fillStyle = colours.paper;
        pen.strokeStyle = (trades.pnl[row] ?? 0) >= 0 ? colours.up : colours.down;
        pen.lineWidth = 1.5;
        pen.beginPath();
        pen.arc(x2, y2, 3, 0, 2 * Math.PI);
        pen.fill();
        pen.stroke();
      }
    }
  }
}
