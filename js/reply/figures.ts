/**
 * The figures of the footer: numbers of a reply in words, most important first.
 *
 * Terminals show the same line (`nbstream/views/figures.py`); `tests/fixtures/figures.json` keeps the two
 * the same.
 */

import type { Meta, Status, Usage } from "../core/protocol";
import { isIncomplete } from "./notices";

export interface Figure {
  kind: "badge" | "plain" | "warning";
  text: string;
  /** Tooltip; may be empty. */
  title: string;
}

/** Texts for finish reasons other than "stop". */
const FINISH_REASONS = new Map([
  ["length", "cut off by the token limit"],
  ["content_filter", "ended by the content filter"],
  ["tool_calls", "asks for a tool call"],
  ["function_call", "asks for a tool call"],
]);

/** Higher rates have no decimals: 9.97 would become "10.0". */
const WHOLE_RATES = 9.95;

export function figures(meta: Meta, status: Status): Figure[] {
  return [
    demo(meta),
    local(meta),
    model(meta),
    firstToken(meta),
    rate(meta),
    tokens(meta.usage),
    price(meta.usage),
    finishReason(meta),
    samples(meta),
    outcome(meta, status),
  ].filter((figure) => figure !== null);
}

/** "0.4 s", "12 s", "2 min 5 s". */
export function seconds(value: number): string {
  if (value < 1) return `${value.toFixed(value < 0.095 ? 2 : 1)} s`;
  if (value < 59.5) return `${Math.round(value)} s`;
  const whole = Math.round(value);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

function plain(text: string, title = ""): Figure {
  return { kind: "plain", text, title };
}

function warning(text: string, title = ""): Figure {
  return { kind: "warning", text, title };
}

function demo(meta: Meta): Figure | null {
  if (!meta.demo) return null;
  return {
    kind: "badge",
    text: "demo — scripted, no model",
    title: "This answer was not written by a language model.",
  };
}

function local(meta: Meta): Figure | null {
  if (!meta.badge) return null;
  const title = "This answer was written by a small language model on this machine.";
  return { kind: "badge", text: meta.badge, title };
}

function model(meta: Meta): Figure | null {
  if (!meta.model) return null;
  return plain(meta.model, [meta.provider, meta.host].filter(Boolean).join(" · "));
}

function firstToken(meta: Meta): Figure | null {
  if (meta.ttft === null) return null;
  const what = meta.whole ? ", not streamed" : " to first token";
  return plain(`${meta.ttft.toFixed(2)} s${what}`, durationTitle(meta));
}

function durationTitle(meta: Meta): string {
  return meta.duration === null ? "" : `${meta.duration.toFixed(1)} s total`;
}

function rate(meta: Meta): Figure | null {
  if (meta.tokens_per_second === null) return null;
  const value = meta.tokens_per_second;
  const text = `${value < WHOLE_RATES ? value.toFixed(1) : grouped(Math.round(value))} tok/s`;
  return meta.usage?.output
    ? plain(text)
    : plain(`≈${text}`, "Estimated: the server did not report token counts.");
}

function tokens(usage: Usage | null): Figure | null {
  if (!usage) return null;
  if (usage.output !== null) return plain(outputTokens(usage.output, usage.input), usageTitle(usage));
  if (usage.total !== null) return plain(`${count(usage.total)} total`, usageTitle(usage));
  return null;
}

function samples({ samples: group }: Meta): Figure | null {
  if (!group) return null;
  const used = [tokens(group.usage), price(group.usage)].filter((figure) => figure !== null);
  return plain([group.text, ...used.map(({ text }) => text)].join(", "), used[0]?.title);
}

function outputTokens(output: number, input: number | null): string {
  return input === null ? count(output) : `${count(output)} (${grouped(input)} in)`;
}

function count(value: number): string {
  return `${grouped(value)} ${value === 1 ? "token" : "tokens"}`;
}

function usageTitle(usage: Usage): string {
  const parts: [string, number | null][] = [
    ["input", usage.input],
    ["cached", usage.cached],
    ["output", usage.output],
    ["written to the cache", usage.cache_written ?? null],
    ["reasoning", usage.reasoning],
    ["total", usage.total],
  ];
  return parts.flatMap(([name, value]) => (value === null ? [] : `${name} ${grouped(value)}`)).join(", ");
}

function price(usage: Usage | null): Figure | null {
  return usage?.cost ? plain(priceText(usage.cost), "The price of this answer, in US dollars") : null;
}

/** "$1.23", "$0.0021": two digits after the zeros. The twin of `price_text` in `nbstream/cost/prices.py`. */
export function priceText(cost: number): string {
  const exponent = Number(cost.toExponential().split("e")[1]);
  const [whole, cents] = cost.toFixed(Math.min(Math.max(2, 1 - exponent), 100)).split(".");
  return `$${grouped(Number(whole))}.${cents}`;
}

/** "12,345". `toLocaleString` would load the browser's locale data, some 30 ms, for this alone. */
export function grouped(value: number): string {
  return String(value).replace(/\B(?=(?:\d{3})+$)/g, ",");
}

/** Shown here unless a notice shows it. */
function finishReason({ finish_reason: reason, notices }: Meta): Figure | null {
  if (reason === null || reason === "stop" || notices.some(({ kind }) => kind === reason)) return null;
  return warning(FINISH_REASONS.get(reason) ?? `finish reason: ${reason}`, `finish_reason: ${reason}`);
}

function outcome({ error, notices }: Meta, status: Status): Figure | null {
  if (status === "stopped") {
    const isStated = notices.some(({ kind }) => isIncomplete(kind));
    return isStated ? null : warning("Stopped", "The answer was stopped before it was complete.");
  }
  // The error box has more details.
  if (status === "failed" && (!error || error.raised)) return warning("Failed");
  return null;
}
