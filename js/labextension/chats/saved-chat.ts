/** Reads a conversation saved in a notebook: every field is checked, see `saved.ts`. */

import type { TurnSnapshot } from "../../core/chat-protocol";
import type { Snapshot } from "../../core/protocol";
import { type Fields, isRecord, number, record, text } from "../fields";
import { savedSnapshot } from "../saved";
import type { WholeChat } from "./unpacking";

/** One version of a turn. */
export type SavedVersion = Pick<TurnSnapshot, "text" | "images" | "reply">;

export interface SavedTurn {
  id: string;
  stale: boolean;
  /** Index of the current version. */
  active: number;
  versions: SavedVersion[];
}

/**
 * Maximum height of a view, in CSS pixels: a forged notebook could otherwise fill the page and the browser's
 * memory.
 */
const MAX_HEIGHT = 4_000;

export interface Transcript {
  /** In CSS pixels; 0: as high as the content. */
  height: number;
  leftOut: number;
  system: string;
  turns: SavedTurn[];
  /** Number of unreadable messages, which are neither shown nor loaded. */
  unreadable: number;
  /**
   * The other content of the messages, as text shown before they are loaded: "a system prompt", "2 images".
   */
  contents: string[];
}

const ROLES: readonly unknown[] = ["system", "developer", "user", "assistant", "tool"];

/**
 * Reads by the same rules as `nbstream/conversation/transcript.py`, so that the same messages are shown and
 * loaded: the last system message is used, and an answer belongs to the question before it.
 *
 * @param chat the result of `unpackedChat`
 */
export function transcriptOf({ data: chat, provenance }: WholeChat): Transcript {
  const all: unknown[] = Array.isArray(chat.messages) ? chat.messages : [];
  const messages = all.filter(isRecord).filter(isMessage);
  const reader = new TurnReader(provenance.answers);
  let system = "";
  for (const message of messages) {
    if (message.role === "system" || message.role === "developer") system = words(message.content);
    else if (record(message.nbstream).example !== true) reader.take(message);
  }
  const turns = reader.turns();
  return {
    height: number(chat.height, MAX_HEIGHT) ?? 0,
    leftOut: number(chat.left_out) ?? 0,
    system,
    turns,
    unreadable: all.length - messages.length + reader.unreadable,
    contents: contentsOf(system, messages),
  };
}

function isMessage({ role, content, tool_calls }: Fields): boolean {
  if (!ROLES.includes(role)) return false;
  if (Array.isArray(tool_calls) && content == null) return true;
  return typeof content === "string" || (Array.isArray(content) && content.every(isPart));
}

function isPart(part: unknown): boolean {
  const { type, text: words } = record(part);
  if (type === "text") return text(words) !== null;
  if (type === "image_url") return imageUrl(part) !== null;
  return text(type) !== null;
}

/** Pairs questions and answers; versions of a turn have the same number. */
class TurnReader {
  readonly #answers: unknown[];
  readonly #turns = new Map<unknown, SavedTurn>();
  #question: Fields | undefined;
  /** Messages of the answer that call tools, and their results. */
  #before: Fields[] = [];
  unreadable = 0;

  constructor(provenances: unknown) {
    this.#answers = Array.isArray(provenances) ? [...provenances] : [];
  }

  take(message: Fields): void {
    const calls = message.role === "tool" || Array.isArray(message.tool_calls);
    const provenance = message.role === "assistant" && !calls ? this.#answers.shift() : undefined;
    if (message.role === "user") {
      this.#endWithoutAnswer();
      this.#question = message;
    } else if (!this.#question) this.unreadable += 1;
    else if (calls) this.#before.push(message);
    else this.#answer(this.#question, message, provenance);
  }

  turns(): SavedTurn[] {
    this.#endWithoutAnswer();
    return [...this.#turns.values()];
  }

  #endWithoutAnswer(): void {
    if (this.#question && this.#before.length > 0) this.#answer(this.#question, { content: "" }, undefined);
  }

  #answer(question: Fields, message: Fields, provenance: unknown): void {
    const own = record(message.nbstream);
    const key = turnOf(own) ?? turnOf(record(question.nbstream)) ?? question;
    const turn = this.#turns.get(key) ?? {
      id: `saved-${this.#turns.size}`,
      stale: own.stale === true,
      active: 0,
      versions: [],
    };
    this.#turns.set(key, turn);
    turn.versions.push(version(question, message, provenance, this.#before));
    this.#before = [];
    if (own.active !== false) turn.active = turn.versions.length - 1;
  }
}

function turnOf({ turn }: Fields): unknown {
  return typeof turn === "string" || typeof turn === "number" ? turn : undefined;
}

/** @param before messages of the answer that call tools, and their results */
function version(question: Fields, answer: Fields, provenance: unknown, before: Fields[]): SavedVersion {
  const own = record(answer.nbstream);
  const said = [...before.filter(({ role }) => role === "assistant"), answer].map(({ content }) =>
    words(content),
  );
  const left = record(own.reply).tools;
  const tools = [...callsOf(before), ...(Array.isArray(left) ? left : [])];
  const reply = { ...record(own.reply), text: said.filter((part) => part !== "").join("\n\n"), tools };
  return {
    text: words(question.content),
    images: imagesOf(question.content),
    reply: { ...savedSnapshot(reply, provenance), seq: 0 } satisfies Snapshot,
  };
}

/** Tool calls in the form of replies, with their results from the messages after them. */
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
  return content.map(partLabel).filter(Boolean).join("\n\n");
}

/** The URL of an image; null for any other part, and for one without a URL. */
function imageUrl(part: unknown): string | null {
  const { type, image_url } = record(part);
  return type === "image_url" ? text(record(image_url).url) : null;
}

/** The text of a part, or a placeholder: no part of a message is loaded without being shown. */
function partLabel(part: unknown): string {
  const { type, text: words, file } = record(part);
  if (type === "text") return text(words) ?? "";
  const url = imageUrl(part);
  if (url !== null) return url.startsWith("data:") ? "" : `[image: ${url}]`;
  const name = text(record(file).filename);
  return name === null ? `[${text(type) ?? "?"}]` : `[${text(type)}: ${name}]`;
}

function imagesOf(content: unknown): string[] {
  if (!Array.isArray(content)) return [];
  const urls = content.map(imageUrl);
  return urls.filter((url) => url?.startsWith("data:")) as string[];
}

function contentsOf(system: string, messages: Fields[]): string[] {
  const parts = messages.flatMap(({ content }) => (Array.isArray(content) ? content.map(record) : []));
  const urls = parts.map(imageUrl).filter((url) => url !== null);
  const inline = urls.filter((url) => url.startsWith("data:")).length;
  const others = parts.filter(({ type }) => type !== "text" && type !== "image_url").length;
  const calls = messages.flatMap(({ tool_calls }) => (Array.isArray(tool_calls) ? tool_calls : [])).length;
  return [
    system && "a system prompt",
    counted(inline, "image"),
    counted(urls.length - inline, "linked image"),
    counted(others, "file or other attachment", "files or other attachments"),
    counted(calls, "tool call"),
  ].filter((part) => part !== "");
}

function counted(count: number, one: string, several = `${one}s`): string {
  if (count === 0) return "";
  return count === 1 ? `1 ${one}` : `${count} ${several}`;
}
