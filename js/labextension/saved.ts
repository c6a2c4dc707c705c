/**
 * A saved reply, read back out of a notebook. A notebook may come from anywhere, so every field is checked:
 * what is missing or of the wrong type is left out, and the rest is shown all the same.
 */

import type { Meta, Notice, ReplyError, Snapshot, Status, Usage } from "../core/protocol";

/** Most versions that are read: more than are ever saved. */
const MAX_VERSIONS = 50;
const STATUSES: readonly unknown[] = ["submitted", "streaming", "finished", "stopped", "failed"];

/** One version of an answer. */
export interface SavedVersion {
  /** Its number in the conversation of the kernel that made it, from 0. */
  number: number;
  snapshot: Omit<Snapshot, "seq">;
}

/**
 * All versions of a saved answer, oldest first; the last is the answer itself.
 *
 * @param data the output's value for `REPLY_MIMETYPE`, a `SavedReply` if all is well
 * @param provenance the output's metadata under `nbstream`: what varies from run to run
 */
export function savedVersions(data: unknown, provenance: unknown): [...SavedVersion[], SavedVersion] {
  const { versions } = record(provenance);
  const saved = Array.isArray(versions) ? versions.slice(-MAX_VERSIONS) : [];
  const earlier = saved.filter(isRecord).map(({ version, reply, nbstream }, index) => ({
    number: number(version) ?? index,
    snapshot: savedSnapshot(reply, nbstream),
  }));
  const last = (earlier.at(-1)?.number ?? -1) + 1;
  return [...earlier, { number: last, snapshot: savedSnapshot(data, provenance) }];
}

/**
 * What the view shows of a saved reply.
 *
 * @param data the output's value for `REPLY_MIMETYPE`, a `SavedReply` if all is well
 * @param provenance the output's metadata under `nbstream`: what varies from run to run
 */
export function savedSnapshot(data: unknown, provenance: unknown): Omit<Snapshot, "seq"> {
  const reply = record(data);
  return {
    v: 1,
    id: text(record(provenance).id) ?? "",
    status: status(reply.status),
    text: text(reply.text) ?? "",
    reasoning: text(reply.reasoning) ?? "",
    meta: savedMeta(reply, record(provenance)),
  };
}

function savedMeta(reply: Fields, provenance: Fields): Meta {
  const timings = record(provenance.timings);
  return {
    model: text(provenance.model_resolved) ?? text(provenance.model),
    provider: text(provenance.provider),
    host: text(provenance.host),
    demo: reply.demo === true,
    elapsed: number(timings.duration) ?? 0,
    ttft: number(timings.ttft),
    duration: number(timings.duration),
    tokens_per_second: number(timings.tokens_per_second),
    reasoning_seconds: number(timings.reasoning_seconds),
    usage: usage(provenance.usage),
    finish_reason: text(reply.finish_reason),
    notices: notices(reply.notices),
    error: replyError(reply.error),
    retrying: null,
  };
}

/** Nothing is running any more: a reply saved in mid-stream (the page was closed) was stopped there. */
function status(value: unknown): Status {
  if (!STATUSES.includes(value)) return "finished";
  return value === "submitted" || value === "streaming" ? "stopped" : (value as Status);
}

function usage(value: unknown): Usage | null {
  if (!isRecord(value)) return null;
  const { input, output, total, cached, reasoning } = value;
  return {
    input: number(input),
    output: number(output),
    total: number(total),
    cached: number(cached),
    reasoning: number(reasoning),
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
  };
}

type Fields = Record<string, unknown>;

function isRecord(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function record(value: unknown): Fields {
  return isRecord(value) ? value : {};
}

function text(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/** Counts and times are never negative; JSON has no infinity, but a page script might. */
function number(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : null;
}
