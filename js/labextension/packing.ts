/**
 * A saved answer out of the form in which a notebook file keeps it (`nbstream/views/packing.py`): with its whole
 * text, which the file shares with the Markdown beside it, and its provenance. Older files are read as well.
 */

import { type Fields, record } from "./fields";
import { LineReader, multiline } from "./text-lines";

/** Version of the packed form. */
export const PACKED = 2;
const STABLE = ["model", "params"];
const FIGURES = new Map([
  ["usage", ["input", "output", "total", "cached", "reasoning"]],
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
    reply: unpackedReply(Object.hasOwn(others, version) ? others[version] : reply, markdown),
    nbstream: { ...about, ...named(record(changes)) },
  }));
  return [own, versions.length > 0 ? { ...about, versions } : about];
}

/** A saved reply with its whole text. */
export function unpackedReply(reply: unknown, markdown: unknown): Fields {
  const form = record(reply);
  if (form.v !== PACKED) return form;
  const text = multiline(markdown);
  return {
    ...(form.status === "finished" && { finish_reason: "stop" }),
    ...form,
    text: "text" in form ? new LineReader(text).read(form.text) : text,
    ...("reasoning" in form && { reasoning: joined(form.reasoning) }),
    ...(Array.isArray(form.tools) && { tools: form.tools.map(call) }),
  };
}

/** What differs from run to run, which the file keeps on one line. */
export function unpackedRun(run: unknown): Fields {
  if (typeof run !== "string") return {};
  try {
    return named(record(JSON.parse(run)));
  } catch {
    return {};
  }
}

function call(value: unknown): unknown {
  const own = record(value);
  const texts = ["arguments", "result"].filter((name) => own[name] != null);
  return { ...own, ...Object.fromEntries(texts.map((name) => [name, joined(own[name])])) };
}

function joined(value: unknown): string | null {
  return new LineReader("").read(value);
}

/** Figures are kept as lists, without their names. */
function named(run: Fields): Fields {
  return Object.fromEntries(Object.entries(run).map(([name, value]) => [name, figures(name, value)]));
}

function figures(name: string, value: unknown): unknown {
  const names = FIGURES.get(name);
  if (!names || !Array.isArray(value)) return value;
  return Object.fromEntries(names.slice(0, value.length).map((key, index) => [key, value[index]]));
}

function pairs(runs: unknown): [number, unknown][] {
  if (!Array.isArray(runs)) return [];
  return runs.filter((pair) => Array.isArray(pair) && pair.length === 2 && Number.isInteger(pair[0]));
}
