/** The figures of a batch in words. */

import type { BatchFigures } from "../core/batch-protocol";
import { grouped, priceText, seconds } from "../reply/figures";

/** By the codes of the store. */
const STATUSES = ["Waiting", "Sent…", "Answered", "Cut off", "Refused", "Invalid", "Failed"];

export function statusText(code: number, isOver: boolean): string {
  return isOver && code < 2 ? "Not sent" : (STATUSES[code] ?? "");
}

/** What is known of the whole batch, without its errors. */
export function figureTexts(figures: BatchFigures, total: number): string[] {
  const { answered, failed, rate, seconds_left: left, input, output, cut, stored, phase } = figures;
  const done = answered + failed;
  const runs = phase === "running";
  return [
    `${grouped(done)} of ${counted(total, "row")}`,
    runs && rate !== null ? `${rate < 9.95 ? rate.toFixed(1) : grouped(Math.round(rate))} rows/s` : "",
    runs && left !== null && done < total ? `about ${seconds(left)} left` : "",
    input + output > 0 ? `${grouped(input)} tokens in, ${grouped(output)} out` : "",
    costText(figures, done < total),
    stored > 0 ? `${grouped(stored)} stored` : "",
    cut > 0 ? `${grouped(cut)} cut off` : "",
  ].filter(Boolean);
}

function costText({ cost, expected_cost: expected }: BatchFigures, isOpen: boolean): string {
  if (cost === 0) return "";
  return isOpen && expected !== null ? `${priceText(cost)} of ≈${priceText(expected)}` : priceText(cost);
}

/** What happens now, for the reader and for screen readers; empty where the figures say it. */
export function phaseText({ phase, in_flight: sent, jobs, problem }: BatchFigures): string {
  if (phase === "draining" && jobs !== null)
    return "The provider continues. Run the cell again for its answers.";
  if (phase === "draining") return `Stopping: waiting for ${counted(sent, "request")} in flight.`;
  if (phase === "paused" && sent > 0)
    return `Paused: ${counted(sent, "request")} in flight will still be answered.`;
  if (phase === "paused") return "Paused.";
  if (phase === "ended" && problem !== "") return `The batch stopped: ${problem}`;
  if (jobs !== null && phase === "running")
    return `The provider has answered ${grouped(jobs[0])} of ${counted(jobs[1], "request")}.`;
  return "";
}

export function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** "1,234", or nothing for -1. */
export function countText(value: number): string {
  return value < 0 ? "" : grouped(value);
}

export function secondsText(ms: number): string {
  return ms < 0 ? "" : seconds(ms / 1000);
}

export function costOf(cost: number): string {
  return Number.isNaN(cost) || cost === 0 ? "" : priceText(cost);
}
