/** Share of passed answers, speed and price of each variant, with their intervals. */

import type { CellHead, ColumnFigures } from "../core/grid-protocol";
import type { GridStore } from "../core/grid-store";
import { visible } from "../render";
import { priceText } from "../reply/figures";
import { medianOf } from "./median";
import { cellNumber, rowsOf } from "./rows";
import type { GridSession } from "./session";

/** A dot with its interval. */
interface Dot {
  value: number;
  interval: readonly [low: number, high: number] | null;
  n: number;
}

interface Plot {
  title: string;
  /** One per variant; null where there is no value. */
  dots: (Dot | null)[];
  /** The right end of the axis; the left one is 0. */
  most: number;
  text(value: number): string;
}

export function Plots({ session }: { session: GridSession }) {
  const { store } = session;
  const { variants } = store.layout.value;
  if (variants.length < 2) return null;
  const plots = plotsOf(store, store.figures.value.columns).filter(({ dots }) => dots.some(Boolean));
  return (
    <div class="nbs-plots">
      {plots.map((plot) => (
        <PlotTable key={plot.title} plot={plot} names={variants.map(({ name }) => name)} />
      ))}
    </div>
  );
}

function PlotTable({ plot, names }: { plot: Plot; names: readonly string[] }) {
  return (
    <table class="nbs-plot">
      <caption>{plot.title}</caption>
      <tbody>
        {plot.dots.map((dot, variant) => (
          <tr key={variant}>
            <th scope="row">{visible(names[variant] ?? "")}</th>
            <td class="nbs-plot-line">{dot && <Line dot={dot} most={plot.most} />}</td>
            <td title={dot ? `${dot.n} ${dot.n === 1 ? "answer" : "answers"}` : undefined}>
              {dot && textOf(plot, dot)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function textOf({ text }: Plot, { value, interval }: Dot): string {
  return interval ? `${text(value)} [${text(interval[0])}, ${text(interval[1])}]` : text(value);
}

function Line({ dot: { value, interval }, most }: { dot: Dot; most: number }) {
  const x = (place: number) => `${(100 * place) / most}%`;
  return (
    <svg aria-hidden="true" width="100%" height="14">
      <line class="nbs-plot-axis" x1="0" x2="100%" y1="7" y2="7" />
      {interval && <line class="nbs-plot-interval" x1={x(interval[0])} x2={x(interval[1])} y1="7" y2="7" />}
      <circle class="nbs-plot-dot" cx={x(value)} cy="7" r="4" />
    </svg>
  );
}

function plotsOf(store: GridStore, columns: readonly ColumnFigures[]): Plot[] {
  const passed = columns.map((column) => column.passed && shareOf(column.passed));
  return [
    {
      title: "Passed, 95 % interval",
      dots: passed,
      most: 1,
      text: (share) => `${Math.round(100 * share)} %`,
    },
    medians(store, "Tokens/s of an answer, median", 2, (rate) =>
      rate < 9.95 ? rate.toFixed(1) : String(Math.round(rate)),
    ),
    medians(store, "Price of an answer, median", 4, (cost) => (cost ? priceText(cost) : "$0")),
  ];
}

function shareOf([value, low, high, n]: NonNullable<ColumnFigures["passed"]>): Dot {
  return { value, interval: [low, high], n };
}

/** Medians of a figure of the whole answers, by its place in their heads. */
function medians(store: GridStore, title: string, place: 2 | 4, text: Plot["text"]): Plot {
  const layout = store.layout.value;
  const rows = rowsOf(layout);
  const dots = layout.variants.map((_, variant) => {
    const heads = rows.map((row) => store.cells.value[cellNumber(layout, row, variant)]?.head.peek());
    return medianOf(heads.flatMap((head) => figureOf(head, place)));
  });
  const most = Math.max(0, ...dots.flatMap((dot) => (dot ? [dot.value, ...(dot.interval ?? [])] : [])));
  // A line of zeros says nothing.
  return { title, dots: most > 0 ? dots : dots.map(() => null), most: most * 1.05, text };
}

function figureOf(head: CellHead | undefined, place: 2 | 4): number[] {
  const figure = head && (head[0] === "finished" || head[0] === "closed") ? head[place] : null;
  return figure === null ? [] : [figure];
}
