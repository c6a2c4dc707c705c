/** A conversation that a notebook has kept, read back: every field is checked, see `saved.ts`. */

import type { SavedChat, TurnSnapshot } from "../../core/chat-protocol";
import type { Snapshot } from "../../core/protocol";
import { type Fields, isRecord, number, record, text } from "../fields";
import { savedSnapshot } from "../saved";

/** One version of a turn. */
export type SavedVersion = Pick<TurnSnapshot, "text" | "images" | "reply">;

export interface SavedTurn {
  id: string;
  stale: boolean;
  /** Index of the version that counts. */
  active: number;
  versions: SavedVersion[];
}

/** Highest view, in CSS pixels; one out of a forged notebook would fill the page, and the memory of the browser. */
const MAX_HEIGHT = 4_000;

export interface Transcript {
  /** In CSS pixels; 0: as high as the content. */
  height: number;
  leftOut: number;
  system: string;
  turns: SavedTurn[];
}

/**
 * @param data the output's value for `CHAT_MIMETYPE`
 * @param provenance the output's metadata under `nbstream`
 */
export function transcriptOf(data: unknown, provenance: unknown): Transcript {
  const chat: Partial<Record<keyof SavedChat, unknown>> = record(data);
  const messages = Array.isArray(chat.messages) ? chat.messages.filter(isRecord) : [];
  return {
    height: number(chat.height, MAX_HEIGHT) ?? 0,
    leftOut: number(chat.left_out) ?? 0,
    system: words(messages.find(({ role }) => role === "system")?.content),
    turns: turnsOf(messages, record(provenance).answers),
  };
}

/** Questions and answers put together; versions of a turn have the same number. */
function turnsOf(messages: Fields[], provenances: unknown): SavedTurn[] {
  const answers = Array.isArray(provenances) ? [...provenances] : [];
  const turns = new Map<unknown, SavedTurn>();
  let question: Fields | undefined;
  let before: Fields[] = [];
  for (const message of messages) {
    if (message.role === "user") [question, before] = [message, []];
    if (message.role === "tool" || Array.isArray(message.tool_calls)) before.push(message);
    if (message.role !== "assistant" || Array.isArray(message.tool_calls)) continue;
    const provenance = answers.shift();
    const own = record(message.nbstream);
    const key = own.turn ?? message;
    const turn = turns.get(key) ?? { id: `saved-${turns.size}`, stale: false, active: 0, versions: [] };
    turns.set(key, turn);
    turn.versions.push(version(question, message, provenance, before));
    before = [];
    turn.stale ||= own.stale === true;
    if (own.active !== false) turn.active = turn.versions.length - 1;
  }
  return [...turns.values()];
}

/** @param before messages of the answer that call tools, and their results */
function version(
  question: Fields | undefined,
  answer: Fields,
  provenance: unknown,
  before: Fields[],
): SavedVersion {
  const own = record(answer.nbstream);
  const said = [...before.filter(({ role }) => role === "assistant"), answer].map(({ content }) =>
    words(content),
  );
  const left = record(own.reply).tools;
  const tools = [...callsOf(before), ...(Array.isArray(left) ? left : [])];
  const reply = { ...record(own.reply), text: said.filter((part) => part !== "").join("\n\n"), tools };
  return {
    text: words(question?.content),
    images: imagesOf(question?.content),
    reply: { ...savedSnapshot(reply, provenance), seq: 0 } satisfies Snapshot,
  };
}

/** Calls of tools as replies keep them, with their results from the messages behind them. */
function callsOf(messages: Fields[]): Fields[] {
  const results = new Map<unknown, Fields>();
  for (const message of messages) if (message.role === "tool") results.set(message.tool_call_id, message);
  const calls = messages.flatMap(({ tool_calls }) =>
    Array.isArray(tool_calls) ? tool_calls.map(record) : [],
  );
  return calls.map((call) => {
    const { name, arguments: written } = record(call.function);
    const result = results.get(call.id);
    const state = result && (text(record(result.nbstream).state) ?? "returned");
    return { name, arguments: written, state, result: result && words(result.content) };
  });
}

function words(content: unknown): string {
  if (!Array.isArray(content)) return text(content) ?? "";
  const texts = content.map((part) => text(record(part).text));
  return texts.filter((part) => part !== null).join("\n\n");
}

/** Which of them may be shown is for the view to say. */
function imagesOf(content: unknown): string[] {
  if (!Array.isArray(content)) return [];
  const urls = content.map((part) => text(record(record(part).image_url).url));
  return urls.filter((url) => url !== null);
}
