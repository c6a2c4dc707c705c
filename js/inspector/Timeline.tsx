/** When the chunks arrived: deltas per second above, gaps between them below, and marks of unusual events. */

import type { InspectionSummary } from "../core/inspection";
import { visible } from "../render/invisible";
import type { InspectionLog } from "./log";
import { type Column, type Plot, plotOf, ticks } from "./plot";
import { duration, lineOf, signOf } from "./wording";

const WIDTH = 720;
const LEFT = 66;
const COLUMNS = 216;
const RATE = { top: 16, height: 44 };
const GAPS = { top: 74, height: 30 };
const BOTTOM = 108;
const STEP = (WIDTH - LEFT - 4) / COLUMNS;

export interface TimelineProps {
  log: InspectionLog;
  /** Called with the number of a row when its mark is clicked. */
  onChoose: (row: number) => void;
}

export function Timeline({ log, onChoose }: TimelineProps) {
  const plot = log.count.value > 0 ? plotOf(log.rows, COLUMNS) : null;
  if (!plot || plot.mostDeltas === 0) return null;
  const summary = log.summary.value;
  const x = (at: number) => LEFT + Math.max(0, (at - plot.from) / (plot.to - plot.from)) * STEP * COLUMNS;
  return (
    <svg class="nbi-timeline" viewBox={`0 0 ${WIDTH} 124`} role="img" aria-label={described(plot, summary)}>
      <Axis plot={plot} x={x} />
      <text x="0" y={RATE.top + 10}>
        tokens/s
      </text>
      <text class="nbi-scale" x={LEFT - 6} y={RATE.top + 24}>
        {perSecond(plot)}
      </text>
      <Bars plot={plot} band={RATE} height={({ deltas }) => deltas / plot.mostDeltas} name="nbi-rate" />
      <text x="0" y={GAPS.top + 10}>
        gaps
      </text>
      <text class="nbi-scale" x={LEFT - 6} y={GAPS.top + 24}>
        {duration(plot.longestGap)}
      </text>
      <Bars plot={plot} band={GAPS} height={({ gap }) => gap / plot.longestGap} name="nbi-gap" />
      <FirstToken at={plot.firstDelta} ttft={summary?.timings.ttft ?? null} x={x} />
      {plot.marks.map((row) => (
        // biome-ignore lint/a11y/noStaticElementInteractions: a shortcut for the pointer; the grid below has the same rows for the keyboard.
        <text
          key={row.at}
          class="nbi-mark"
          x={x(row.at)}
          y={RATE.top + RATE.height + 11}
          onClick={() => onChoose(log.rows.indexOf(row))}
        >
          {signOf(row)[0]}
          <title>{visible(`${row.type} at ${duration(row.at)}: ${lineOf(row)}`)}</title>
        </text>
      ))}
    </svg>
  );
}

interface BarsProps {
  plot: Plot;
  band: { top: number; height: number };
  /** From 0 to 1. */
  height: (column: Column) => number;
  name: string;
}

/** One path for all bars: otherwise each page of rows would redraw a thousand elements. */
function Bars({ plot, band, height, name }: BarsProps) {
  const floor = band.top + band.height;
  const bars = plot.columns.map((column, place) => {
    const size = height(column) * band.height;
    if (!(size > 0)) return "";
    const left = (LEFT + place * STEP).toFixed(2);
    return `M${left} ${floor}v${(-Math.max(size, 1)).toFixed(2)}h${(STEP * 0.85).toFixed(2)}V${floor}z`;
  });
  return <path class={name} d={bars.join("")} />;
}

function Axis({ plot, x }: { plot: Plot; x: (at: number) => number }) {
  return (
    <g class="nbi-axis">
      {[RATE, GAPS].map(({ top, height }) => (
        <line key={top} x1={LEFT} x2={WIDTH - 4} y1={top + height} y2={top + height} />
      ))}
      {ticks(plot.from, plot.to).map((at) => (
        <g key={at}>
          <line x1={x(at)} x2={x(at)} y1={BOTTOM - 4} y2={BOTTOM} />
          <text x={x(at)} y={BOTTOM + 11} text-anchor={x(at) > WIDTH - 20 ? "end" : "middle"}>
            {Number(at.toPrecision(6))} s
          </text>
        </g>
      ))}
    </g>
  );
}

interface FirstTokenProps {
  at: number | null;
  /** Seconds since the request was sent. */
  ttft: number | null;
  x: (at: number) => number;
}

function FirstToken({ at, ttft, x }: FirstTokenProps) {
  if (at === null || ttft === null) return null;
  const place = x(at);
  const before = place > WIDTH - 150;
  return (
    <g class="nbi-first">
      <line x1={place} x2={place} y1="4" y2={BOTTOM} />
      <text x={place + (before ? -4 : 4)} y="11" text-anchor={before ? "end" : "start"}>
        first token {duration(ttft)}
      </text>
    </g>
  );
}

/** The highest column as a rate. */
function perSecond({ mostDeltas, from, to, columns }: Plot): string {
  const rate = (mostDeltas * columns.length) / (to - from);
  return rate >= 1000 ? `${(rate / 1000).toFixed(1)}k` : rate.toFixed(0);
}

function described(plot: Plot, summary: InspectionSummary | null): string {
  const parts = [`Timeline of ${duration(plot.to)}`];
  if (summary?.timings.ttft != null) parts.push(`first token after ${duration(summary.timings.ttft)}`);
  if (summary?.gaps.p50 != null) {
    parts.push(`median gap ${duration(summary.gaps.p50)}, longest ${duration(summary.gaps.longest)}`);
  }
  if (plot.marks.length > 0) parts.push(`${plot.marks.length} marked events`);
  return `${parts.join(", ")}.`;
}
