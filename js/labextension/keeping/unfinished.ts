/**
 * What a notebook holds of an answer whose kernel cannot write it: because it still streams, or because the kernel
 * has ended. Python makes every other output (`nbstream/views/static.py`).
 */

import { REPLY_MIMETYPE, type SavedReply, type Snapshot } from "../../core/protocol";
import { INTERRUPTED, isOver, UNFINISHED } from "../../core/store";
import type { Inert, Output } from "../../page/live-replies";
import type { Fields } from "../fields";
import { unpacked } from "../packing";

const LINE_END = /\r\n?|[\n\u2028\u2029]/;
/** As in `nbstream/views/markup.py`: above that the text stands in the Markdown alone. */
const PLAIN_BYTES = 1000;
const EXCERPT_CHARS = 80;

/** The data of the output that holds the answer as it is now. */
export function unfinishedData(reply: Snapshot, inert: Inert): Record<string, unknown> {
  const remarks = remarksOf(reply);
  return {
    [REPLY_MIMETYPE]: savedReply(reply),
    "text/markdown": joined([markdown(reply.text, inert), ...remarks.map((line) => `*${line}*`)]),
    "text/plain": joined([excerpt(reply.text.trimEnd()), ...remarks.map((line) => `[${line}]`)]),
  };
}

/** The metadata of the output: what has become known since the answer began. */
export function unfinishedMetadata(
  snapshot: Snapshot,
  { data, metadata }: Output,
): Fields & { nbstream: Fields } {
  // Earlier versions refer to the Markdown that is about to be replaced.
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
  };
}

/** Only our own sentences: what a server says is made inert in Python. */
function remarksOf({ status, meta }: Snapshot): string[] {
  if (!isOver(status)) return [UNFINISHED];
  return meta.notices.some(({ kind }) => kind === "interrupted") ? [INTERRUPTED] : [];
}

/** What Python has made inert, and behind it the rest as code, in which nothing has a meaning. */
function markdown(text: string, { lines, covers }: Inert): string {
  const rest = text.split(LINE_END).slice(covers).join("\n").trim();
  return joined([lines.join("\n").trimEnd(), rest && fenced(rest)]);
}

function fenced(text: string): string {
  const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(Math.max(3, longest + 1));
  return `${fence}markdown\n${text}\n${fence}`;
}

function excerpt(text: string): string {
  if (new TextEncoder().encode(text).length <= PLAIN_BYTES) return text;
  const first = text.trimStart().slice(0, EXCERPT_CHARS).split("\n", 1)[0] ?? "";
  return `${first.trimEnd()} […]\n\n[The whole text is in the Markdown form of this output.]`;
}

function joined(parts: readonly string[]): string {
  return parts.filter(Boolean).join("\n\n");
}
