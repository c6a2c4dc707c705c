/**
 * Unpacks a saved answer from its form in a notebook file (`nbstream/views/packing.py`): its whole text,
 * which the file shares with the Markdown of the output, and its provenance. Older files are supported.
 */

import { type Fields, record } from "./fields";
import { asSeen, LineReader, multiline } from "./text-lines";

/** Version of the packed form. */
export const PACKED = 2;
const STABLE = ["model", "params"];
/** The values of a run, in this order, followed by other values with names. */
const RUN = [
  "id",
  "model_resolved",
  "provider",
  "host",
  "why",
  "prompt_hash",
  "usage",
  "timings",
  "request_id",
  "response_id",
  "created",
];
const FIGURES = new Map([
  ["usage", ["input", "output", "total", "cached", "reasoning", "cache_written", "cost"]],
  ["timings", ["ttft", "duration", "tokens_per_second", "reasoning_seconds"]],
]);

/**
 * The parts of an output in the form of version 1: the reply with its text, and its provenance with other versions.
 *
 * @param reply the output's value for `REPLY_MIMETYPE`
 * @param provenance the output's metadata under `nbstream`
 * @param markdown the output's Markdown text
 */
export function unpacked(reply: unknown, provenance: unknown, markdown: unknown): [Fields, Fields] {
  const own = unpackedReply(reply, markdown);
  const saved = record(provenance);
  if (!("run" in saved)) return [own, saved];
  const { versions: runs, ...run } = unpackedRun(saved.run);
  const about = {
    ...Object.fromEntries(Object.entries(saved).filter(([name]) => STABLE.includes(name))),
    ...run,
  };
  const others = record(saved.versions);
  const versions = pairs(runs).map(([version, changes]) => ({
    version,
    reply: unpackedReply(ofVersion(others, version, reply), markdown),
    nbstream: { ...about, ...named(record(changes)) },
  }));
  return [own, versions.length > 0 ? { ...about, versions } : about];
}

/** The packed reply of a version, or the number of an equal one. */
function ofVersion(others: Fields, version: number, own: unknown): unknown {
  const form = Object.hasOwn(others, version) ? others[version] : own;
  if (typeof form !== "number") return form;
  return Object.hasOwn(others, form) ? others[form] : undefined;
}

/** A saved reply with its whole text. */
export function unpackedReply(reply: unknown, markdown: unknown): Fields {
  const form = record(reply);
  if (form.v !== PACKED) return form;
  const text = multiline(markdown);
  return {
    status: "finished",
    ...((form.status ?? "finished") === "finished" && { finish_reason: "stop" }),
    ...form,
    text: "text" in form ? new LineReader(text).read(form.text) : asSeen(text),
    ...("reasoning" in form && { reasoning: joined(form.reasoning) }),
    ...("json" in form && { json: joined(form.json) }),
    ...("prompt" in form && { prompt: promptOf(record(form.prompt)) }),
    ...(Array.isArray(form.tools) && { tools: form.tools.map(call) }),
  };
}

/** The values that differ between runs, which the file has on one line. */
export function unpackedRun(run: unknown): Fields {
  if (typeof run !== "string") return {};
  try {
    const older = run.startsWith("{");
    return named(runFields(JSON.parse(older ? run : run.replaceAll(/["']/g, otherQuote))));
  } catch {
    return {};
  }
}

/** The file swaps both kinds of quotes: otherwise JSON would escape each double quote. */
function otherQuote(quote: string): string {
  return quote === "'" ? '"' : "'";
}

function runFields(row: unknown): Fields {
  if (!Array.isArray(row)) return record(row);
  const values = RUN.map((name, index) => [name, row[index]]).filter(([, value]) => value != null);
  return { ...Object.fromEntries(values), ...record(row[RUN.length]) };
}

function promptOf(prompt: Fields): Fields {
  return { ...prompt, text: joined(prompt.text) };
}

function call(value: unknown): unknown {
  const own = record(value);
  const texts = ["arguments", "result"].filter((name) => own[name] != null);
  return { ...own, ...Object.fromEntries(texts.map((name) => [name, joined(own[name])])) };
}

function joined(value: unknown): string | null {
  return new LineReader("").read(value);
}

/** Figures are saved as lists without names. */
function named(run: Fields): Fields {
  return Object.fromEntries(Object.entries(run).map(([name, value]) => [name, figures(name, value)]));
}

function figures(name: string, value: unknown): unknown {
  const names = FIGURES.get(name);
  if (!names || !Array.isArray(value)) return value;
  return Object.fromEntries(names.slice(0, value.length).map((key, index) => [key, value[index]]));
}

/** The numbers of other versions, each with its run. */
export function pairs(runs: unknown): [number, unknown][] {
  if (!Array.isArray(runs)) return [];
  return runs.filter((pair) => Array.isArray(pair) && pair.length === 2 && Number.isInteger(pair[0]));
}
