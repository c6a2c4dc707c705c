/**
 * Reads a saved reply from a notebook. A notebook may be from an untrusted source, so every field is checked:
 * missing or invalid ones are left out, and the rest is shown.
 */

import type {
  Meta,
  Notice,
  Rating,
  ReplyError,
  ShownPrompt,
  Snapshot,
  Status,
  ToolActivity,
  Usage,
} from "../core/protocol";
import { UNFINISHED } from "../core/store";
import { type Fields, isRecord, number, record, text } from "./fields";
import { besideText, withImages } from "./images";
import { unpacked } from "./packing";

/** Maximum number of versions to read: more than are ever saved. */
const MAX_VERSIONS = 50;
const STATUSES: readonly unknown[] = ["submitted", "streaming", "finished", "stopped", "failed"];

const PARTIAL: Notice = { kind: "unfinished", text: UNFINISHED };
const ENDED = ["returned", "failed", "refused"] as const;

/** One version of an answer. */
export interface SavedVersion {
  /** Its number in the conversation of its kernel, from 0. */
  number: number;
  snapshot: Omit<Snapshot, "seq">;
  /** Probabilities of its tokens, unread; absent where none were requested. */
  tokens?: unknown;
}

/** All versions of an answer, oldest first. */
export interface SavedVersions {
  versions: readonly SavedVersion[];
  /** Index of the current one, which is the output itself. */
  active: number;
  /** Whether an earlier turn had changed when the output was saved. */
  stale: boolean;
}

/**
 * All versions of a saved answer.
 *
 * @param data the output's value for `REPLY_MIMETYPE`, a `SavedReply` if all is well
 * @param provenance the output's metadata under `nbstream`: what varies from run to run
 * @param markdown the output's Markdown text, of which the reply has most of its lines, and its images
 */
export function savedVersions(data: unknown, provenance: unknown, markdown: unknown): SavedVersions {
  const [reply, about] = unpacked(data, provenance, markdown);
  return versionsOf(withImages(reply, markdown), about);
}

function versionsOf(data: Fields, provenance: Fields): SavedVersions {
  const { versions, version: own } = provenance;
  const saved = Array.isArray(versions) ? versions.slice(-MAX_VERSIONS) : [];
  const others: SavedVersion[] = saved.filter(isRecord).map(({ version, reply, nbstream }, index) => ({
    number: number(version) ?? index,
    snapshot: savedSnapshot(reply, nbstream),
    tokens: record(nbstream).tokens,
  }));
  const next = (others.at(-1)?.number ?? -1) + 1;
  const active = {
    number: number(own) ?? next,
    snapshot: savedSnapshot(data, provenance),
    tokens: provenance.tokens,
  };
  const before = others.filter((other) => other.number < active.number);
  const after = others.filter((other) => other.number >= active.number);
  return { versions: [...before, active, ...after], active: before.length, stale: data.stale === true };
}

/** The view's data of an unpacked reply. */
export function savedSnapshot(data: unknown, provenance: unknown): Omit<Snapshot, "seq"> {
  const reply = record(data);
  return {
    v: 1,
    id: text(record(provenance).id) ?? "",
    status: status(reply.status),
    text: text(reply.text) ?? "",
    reasoning: text(reply.reasoning) ?? "",
    tools: tools(reply.tools),
    meta: savedMeta(reply, record(provenance)),
    ...besideText(reply),
    ...prompt(reply.prompt),
    ...(text(reply.json) && { json: text(reply.json) ?? "", tree: reply.tree === true }),
  };
}

function savedMeta(reply: Fields, provenance: Fields): Meta {
  const timings = record(provenance.timings);
  return {
    model: text(provenance.model_resolved) ?? text(provenance.model),
    provider: text(provenance.provider),
    host: text(provenance.host),
    demo: reply.demo === true,
    badge: text(reply.badge) ?? "",
    loading: "",
    elapsed: number(timings.duration) ?? 0,
    ttft: number(timings.ttft),
    duration: number(timings.duration),
    tokens_per_second: number(timings.tokens_per_second),
    reasoning_seconds: number(timings.reasoning_seconds),
    usage: usage(provenance.usage),
    finish_reason: text(reply.finish_reason),
    notices: [...notices(reply.notices), ...(isPartial(reply.status) ? [PARTIAL] : [])],
    error: replyError(reply.error),
    retrying: null,
    continuable: provenance.continuable === true,
    ...rating(provenance.rating),
    ...(provenance.whole === true && { whole: true }),
    ...samples(provenance.samples),
  };
}

/** A reply saved in mid-stream (the page was closed) was stopped there. */
function status(value: unknown): Status {
  if (!STATUSES.includes(value)) return "finished";
  return isPartial(value) ? "stopped" : (value as Status);
}

function isPartial(value: unknown): boolean {
  return value === "submitted" || value === "streaming";
}

/** A saved call can no longer be approved. */
function tools(value: unknown): ToolActivity[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isRecord).map((call, index) => ({
    id: `call-${index}`,
    name: text(call.name) ?? "",
    arguments: text(call.arguments) ?? "",
    state: ENDED.find((state) => state === call.state) ?? "unfinished",
    result: text(call.result),
  }));
}

/** The filled prompt, if the file has one. */
function prompt(value: unknown): { prompt?: ShownPrompt } {
  const { filled, text: words } = record(value);
  const shown = { filled: text(filled) ?? "", text: text(words) ?? "" };
  return shown.filled === "" ? {} : { prompt: shown };
}

/** Answers that were requested together. */
function samples(value: unknown): Pick<Meta, "samples"> {
  const { text: words, usage: used } = record(value);
  const found = text(words);
  return found ? { samples: { text: found, usage: usage(used) } } : {};
}

function rating(value: unknown): { rating?: Rating } {
  const { score, note } = record(value);
  return score === 1 || score === -1 ? { rating: { score, note: text(note) ?? "" } } : {};
}

function usage(value: unknown): Usage | null {
  if (!isRecord(value)) return null;
  const { input, output, total, cached, reasoning, cache_written, cost } = value;
  return {
    input: number(input),
    output: number(output),
    total: number(total),
    cached: number(cached),
    reasoning: number(reasoning),
    ...(number(cache_written) === null ? {} : { cache_written: number(cache_written) }),
    ...(number(cost) === null ? {} : { cost: number(cost) }),
  };
}

function notices(value: unknown): Notice[] {
  if (!Array.isArray(value)) return [];
  const read = value
    .map(record)
    .map(({ kind, text: words }) => ({ kind: text(kind) ?? "", text: text(words) ?? "" }));
  return read.filter((notice) => notice.text !== "");
}

function replyError(value: unknown): ReplyError | null {
  if (!isRecord(value)) return null;
  return {
    kind: text(value.kind) ?? "error",
    type: text(value.type) ?? "",
    message: text(value.message) ?? "",
    advice: text(value.advice) ?? "",
    raised: value.raised === true,
  };
}
