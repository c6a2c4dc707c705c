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
  for (const message of messages) {
    if (message.role === "user") question = message;
    if (message.role !== "assistant") continue;
    const provenance = answers.shift();
    const own = record(message.nbstream);
    const key = own.turn ?? message;
    const turn = turns.get(key) ?? { id: `saved-${turns.size}`, stale: false, active: 0, versions: [] };
    turns.set(key, turn);
    turn.versions.push(version(question, message, provenance));
    turn.stale ||= own.stale === true;
    if (own.active !== false) turn.active = turn.versions.length - 1;
  }
  return [...turns.values()];
}

function version(question: Fields | undefined, answer: Fields, provenance: unknown): SavedVersion {
  const own = record(answer.nbstream);
  const reply = { ...record(own.reply), text: words(answer.content) };
  return {
    text: words(question?.content),
    images: imagesOf(question?.content),
    reply: { ...savedSnapshot(reply, provenance), seq: 0 } satisfies Snapshot,
  };
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
