/**
 * The saved output of an answer that the kernel cannot write: it is still streaming, or the kernel has ended.
 * Python makes every other output (`nbstream/views/static.py`).
 */

import { REPLY_MIMETYPE, type SavedReply, type Snapshot } from "../../core/protocol";
import { INTERRUPTED, isOver, UNFINISHED } from "../../core/store";
import type { Output } from "../../page/live-outputs";
import type { Inert } from "../../page/live-replies";
import type { Fields } from "../fields";
import { unpacked } from "../packing";

const LINE_END = /\r\n?|[\n\u2028\u2029]/;
/** As in `nbstream/views/markup.py`: longer texts are only in the Markdown. */
const PLAIN_BYTES = 1000;
const EXCERPT_CHARS = 80;

/** The data of an output with the current answer. */
export function unfinishedData(reply: Snapshot, inert: Inert): Record<string, unknown> {
  const remarks = remarksOf(reply);
  return {
    [REPLY_MIMETYPE]: savedReply(reply),
    "text/markdown": joined([markdown(reply.text, inert), ...remarks.map((line) => `*${line}*`)]),
    "text/plain": joined([excerpt(reply.text.trimEnd()), ...remarks.map((line) => `[${line}]`)]),
  };
}

/** The metadata of the output: values known since the answer started. */
export function unfinishedMetadata(
  snapshot: Snapshot,
  { data, metadata }: Output,
): Fields & { nbstream: Fields } {
  // Earlier versions refer to the Markdown that will be replaced.
  const [, about] = unpacked(data[REPLY_MIMETYPE], metadata.nbstream, data["text/markdown"]);
  return { ...metadata, nbstream: { ...about, ...originOf(snapshot) } };
}

/** Which model answers, and where. */
export function originOf({ meta: { model, provider, host } }: Snapshot): Fields {
  return { model, provider, host };
}

function savedReply({
  status,
  text,
  reasoning,
  tools,
  meta,
  images,
  citations,
  prompt,
  json,
  tree,
}: Snapshot): SavedReply {
  const { finish_reason, notices, error, demo } = meta;
  const calls = tools.map(({ id: _, ...call }) => call);
  const own = { v: 1 as const, status, text, reasoning, finish_reason, notices, error, demo };
  return {
    ...own,
    ...(calls.length > 0 && { tools: calls }),
    ...(images && { images: [...images] }),
    ...(citations && { citations: [...citations] }),
    ...(prompt && { prompt }),
    ...(json && { json }),
    ...(tree && { tree }),
  };
}

/** Only our own sentences: text from a server is made inert in Python. */
function remarksOf({ status, meta }: Snapshot): string[] {
  if (!isOver(status)) return [UNFINISHED];
  return meta.notices.some(({ kind }) => kind === "interrupted") ? [INTERRUPTED] : [];
}

/** The text that Python has made inert, then the rest as code, in which no markup is interpreted. */
function markdown(text: string, { lines, covers }: Inert): string {
  const rest = text.split(LINE_END).slice(covers).join("\n").trim();
  return joined([lines.join("\n").trimEnd(), rest && fenced(rest, "markdown")]);
}

/** A block of code that the text cannot leave. */
export function fenced(text: string, language: string): string {
  const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(Math.max(3, longest + 1));
  return `${fence}${language}\n${text}\n${fence}`;
}

function excerpt(text: string): string {
  if (new TextEncoder().encode(text).length <= PLAIN_BYTES) return text;
  const first = text.trimStart().slice(0, EXCERPT_CHARS).split("\n", 1)[0] ?? "";
  return `${first.trimEnd()} […]\n\n[The whole text is in the Markdown form of this output.]`;
}

export function joined(parts: readonly string[]): string {
  return parts.filter(Boolean).join("\n\n");
}
