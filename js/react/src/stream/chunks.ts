/**
 * Decodes chat-completion chunks: the `chat.completion.chunk` objects of the OpenAI API as servers really
 * send them. Bad data never throws: an unreadable chunk is counted and the rest continues, because most of an
 * answer is better than none.
 */

import type { Usage } from "../../../core/protocol";
import { contentDeltas, type Delta, isObject, type JsonObject, joined, reasoningOf } from "./content";
import { isDone, isErrorText, isHeartbeat, linesOf, wordsOf } from "./plain-data";
import { EventDecoder, type ServerSentEvent } from "./sse";
import { ThinkTags } from "./thinking";
import { isZero, usageOf } from "./usage";

export type { Delta };

/** A last delta of at least this length that equals all earlier text is not a coincidence. */
const REPEATED_CHARS = 16;

/** An error that the server reported inside the stream, after it had answered with status 200. */
export interface ReportedError {
  kind: "provider";
  message: string;
  code: string | null;
}

export class ChatStream {
  readonly #decoder = new EventDecoder();
  #text = "";
  #reasoning = "";
  #finishReason: string | null = null;
  #done = false;
  #lastEventId = "";
  #usage: Usage | null = null;
  #error: ReportedError | null = null;
  #skipped = 0;
  /** Which of several answers is shown: the first, even if the server counts from 1. */
  #index: number | null = null;
  readonly #tags = new ThinkTags();
  /** Number of text deltas so far. */
  #pieces = 0;
  /** Plain text received instead of a chunk, and the number of text deltas before it. */
  #words: { text: string; pieces: number } | null = null;
  /** Whether the answer was complete before the current event. */
  #wasWhole = false;

  /** The text so far. */
  get text(): string {
    return this.#text;
  }

  get reasoning(): string {
    return this.#reasoning;
  }

  /** Why the model ended, e.g. "stop" or "length"; null while it has not. */
  get finishReason(): string | null {
    return this.#finishReason;
  }

  /** Whether the server marked the end of the stream: `[DONE]`. */
  get done(): boolean {
    return this.#done;
  }

  /** The id of the last complete event, to resume from; empty if none had one. */
  get lastEventId(): string {
    return this.#lastEventId;
  }

  /** Whether the server marked the answer as complete: a finish reason or `[DONE]`. */
  get complete(): boolean {
    return this.#error === null && (this.#done || this.#finishReason !== null);
  }

  get usage(): Usage | null {
    return this.#usage;
  }

  get error(): ReportedError | null {
    return this.#error;
  }

  /** Number of unreadable events. */
  get skipped(): number {
    return this.#skipped;
  }

  /** Decodes the next bytes, which may be cut anywhere, and returns the deltas that they complete. */
  push(bytes: Uint8Array): Delta[] {
    const events = this.#decoder.decode(bytes);
    for (const { id } of events) this.#lastEventId = id || this.#lastEventId;
    return this.#read(events);
  }

  /** Handles the end of the bytes. Call it once, also after a connection error. */
  end(): Delta[] {
    const deltas = this.#read(this.#decoder.end());
    if (!this.complete) deltas.push(...this.#readStray());
    return [...deltas, ...this.#conclude()];
  }

  /** A server that cannot stream sends one JSON object instead of events. */
  #readStray(): Delta[] {
    const body = parsedObject(this.#decoder.stray);
    return body && !this.#error ? this.#readChunk(body, "message") : [];
  }

  #read(events: ServerSentEvent[]): Delta[] {
    return events.flatMap((event) => (this.#done || this.#error ? [] : this.#readEvent(event)));
  }

  #readEvent({ event, data }: ServerSentEvent): Delta[] {
    this.#wasWhole = this.#finishReason !== null;
    const chunk = parsedObject(data);
    if (chunk) return this.#readChunk(chunk, event);
    const words = data.trim();
    if (isDone(words)) {
      this.#done = true;
      return this.#conclude();
    }
    if (event === "error") this.#fail(inWords(wordsOf(words) || "no message"));
    else if (!isHeartbeat(words)) return this.#readText(event, data, words);
    return [];
  }

  /** Data that is not a JSON object: several events in one, a plain-text error, or garbage. */
  #readText(event: string, data: string, words: string): Delta[] {
    const lines = linesOf(data, (line) => parsedObject(line) !== null);
    if (lines.length > 0) return this.#read(lines.map((line) => ({ event, data: line })));
    const text = wordsOf(words);
    if (isErrorText(text)) {
      this.#fail(inWords(text));
      return [];
    }
    if (text) this.#words = { text, pieces: this.#pieces };
    this.#skipped += 1;
    return [];
  }

  #readChunk(chunk: JsonObject, event: string): Delta[] {
    const choice = this.#shownChoice(chunk);
    this.#count(chunk.usage);
    if (isObject(chunk.x_groq)) this.#count(chunk.x_groq.usage);
    const deltas = choice ? this.#readChoice(choice) : [];
    if (!choice || chunk.error) this.#fail(reportedError(chunk, event));
    else if (errorIn(choice)) this.#fail(reportedError({ error: errorIn(choice) }, event));
    else if (choice.finish_reason === "error") this.#fail(inWords("finish_reason is 'error'"));
    return deltas;
  }

  /** The choice that is shown: an empty one if only others were sent, null if there was none. */
  #shownChoice(chunk: JsonObject): JsonObject | null {
    const choices = Array.isArray(chunk.choices) ? chunk.choices.filter(isObject) : [];
    if (choices.length === 0) return null;
    const index = (choice: JsonObject) => (typeof choice.index === "number" ? choice.index : 0);
    this.#index ??= Math.min(...choices.map(index));
    return choices.find((choice) => index(choice) === this.#index) ?? {};
  }

  #readChoice(choice: JsonObject): Delta[] {
    const deltas = this.#kept(this.#deltasOf(choice));
    this.#count(choice.usage);
    if (!choice.finish_reason) return deltas;
    this.#finishReason = String(choice.finish_reason);
    return [...deltas, ...this.#flush()];
  }

  /** The new part of a choice: a delta, a complete message, or the text of the older API. */
  #deltasOf(choice: JsonObject): Delta[] {
    const { delta, message, text } = choice;
    if (typeof delta === "string") return this.#split([said(delta)]);
    if (isObject(delta) && Object.keys(delta).length > 0) {
      const repeated = choice.finish_reason && this.#isRepeated(delta.content);
      return [thought(reasoningOf(delta)), ...(repeated ? [] : this.#split(contentDeltas(delta)))];
    }
    if (isObject(message)) return this.#restOf(message);
    return typeof text === "string" ? this.#split([said(text)]) : [];
  }

  /** A complete message without the parts already received as deltas. */
  #restOf(message: JsonObject): Delta[] {
    const reasoning = this.#reasoning ? "" : reasoningOf(message);
    if (!this.#text) return [thought(reasoning), ...this.#split(contentDeltas(message))];
    const tags = new ThinkTags();
    const text = tags.split(joined(message.content)).text + tags.flush().text;
    return [thought(reasoning), said(text.startsWith(this.#text) ? text.slice(this.#text.length) : "")];
  }

  /** Whether the last delta repeats the whole text. */
  #isRepeated(content: unknown): boolean {
    if (typeof content !== "string" || content.length < REPEATED_CHARS) return false;
    return this.#pieces > 1 && content === this.#text;
  }

  /** The text of deltas without reasoning between tags. */
  #split(deltas: Delta[]): Delta[] {
    return deltas.flatMap((delta) => {
      if (delta.type !== "text") return [delta];
      const { reasoning, text } = this.#tags.split(delta.text);
      return [thought(reasoning), said(text)];
    });
  }

  /** Returns held-back text at the end, and an error if plain text was received instead of an answer. */
  #conclude(): Delta[] {
    if (this.#words && this.#endedInWords(this.#words.pieces)) this.#fail(inWords(this.#words.text));
    return this.#flush();
  }

  /** Text that was held back because it may have been the beginning of a tag. */
  #flush(): Delta[] {
    const { reasoning, text } = this.#tags.flush();
    return this.#kept([thought(reasoning), said(text)]);
  }

  #kept(deltas: Delta[]): Delta[] {
    const kept = deltas.filter(({ text }) => text !== "");
    for (const { type, text } of kept) {
      if (type === "reasoning") this.#reasoning += text;
      else {
        this.#text += text;
        this.#pieces += 1;
      }
    }
    return kept;
  }

  /** Stores token counts; zeros after real counts are ignored. */
  #count(reported: unknown): void {
    const usage = isObject(reported) ? usageOf(reported) : null;
    if (usage && (this.#usage === null || !isZero(usage))) this.#usage = usage;
  }

  /** Stores an error, unless the answer is already complete. */
  #fail(error: ReportedError | null): void {
    if (error && this.#wasWhole) this.#done = true;
    else this.#error ??= error;
  }

  /** Whether the last data was plain text instead of the answer or its end. */
  #endedInWords(pieces: number): boolean {
    const nothingElse = this.#finishReason === null && !this.#text && !this.#reasoning;
    return pieces === this.#pieces && (!this.complete || nothingElse);
  }
}

function said(text: string): Delta {
  return { type: "text", text };
}

function thought(text: string): Delta {
  return { type: "reasoning", text };
}

function inWords(message: string): ReportedError {
  return { kind: "provider", message, code: null };
}

function parsedObject(data: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(data);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** The error that a choice holds, or its delta. */
function errorIn({ error, delta }: JsonObject): unknown {
  return error || (isObject(delta) && delta.error);
}

/**
 * The error that an object reports, in the shapes of the servers: `{"error": {…}}`,
 * `{"error": "…"}`, `{"object": "error", "message": …}`, `{"detail": …}`, or any object of an `error` event.
 */
function reportedError(chunk: JsonObject, event: string): ReportedError | null {
  if (isObject(chunk.error)) return described(chunk.error);
  if (chunk.error) return { kind: "provider", message: String(chunk.error), code: null };
  if (Array.isArray(chunk.errors) && chunk.errors.length > 0)
    return reportedError({ error: chunk.errors[0] }, event);
  const otherwise = namedOtherwise(isObject(chunk.base_resp) ? chunk.base_resp : chunk);
  if (otherwise) return otherwise;
  const isError = event === "error" || chunk.object === "error" || ("message" in chunk && "code" in chunk);
  return isError || chunk.detail ? described(chunk) : null;
}

/** An error whose fields have other names than most; a code of 0 is none. */
function namedOtherwise(chunk: JsonObject): ReportedError | null {
  const names = [
    ["msg", "code"],
    ["error_msg", "error_code"],
    ["status_msg", "status_code"],
  ] as const;
  const found = names.find(([message, code]) => chunk[message] && chunk[code]);
  return (
    (found && { kind: "provider", message: String(chunk[found[0]]), code: String(chunk[found[1]]) }) || null
  );
}

function described(error: JsonObject): ReportedError {
  return { kind: "provider", message: messageOf(error) ?? JSON.stringify(error), code: codeOf(error) };
}

function messageOf(error: JsonObject): string | null {
  const message = error.message ?? error.detail;
  return typeof message === "string" ? message : null;
}

function codeOf(error: JsonObject): string | null {
  const code = error.code ?? error.type;
  return typeof code === "string" || typeof code === "number" ? String(code) : null;
}
