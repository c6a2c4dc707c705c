/**
 * Chat-completion chunks out of the bytes of a stream: the `chat.completion.chunk` objects of the OpenAI API
 * as servers really send them. Nothing here throws on what a server says: a chunk that cannot be read is
 * counted and the rest goes on, because most of an answer is better than none.
 */

import type { Usage } from "./protocol";
import { EventDecoder, type ServerSentEvent } from "./sse";

/** A piece of the first choice. */
export interface Delta {
  type: "text" | "reasoning";
  text: string;
}

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

  /** Whether the server said that nothing more will come: `[DONE]`. */
  get done(): boolean {
    return this.#done;
  }

  /** The id of the last event that came whole, to resume from; empty if none had one. */
  get lastEventId(): string {
    return this.#lastEventId;
  }

  /** Whether the server said that the answer is whole: by a finish reason or by `[DONE]`. */
  get complete(): boolean {
    return this.#error === null && (this.#done || this.#finishReason !== null);
  }

  get usage(): Usage | null {
    return this.#usage;
  }

  get error(): ReportedError | null {
    return this.#error;
  }

  /** How many events could not be read. */
  get skipped(): number {
    return this.#skipped;
  }

  /** Takes the next bytes, cut anywhere, and gives the deltas that they complete. */
  push(bytes: Uint8Array): Delta[] {
    const events = this.#decoder.decode(bytes);
    for (const { id } of events) this.#lastEventId = id || this.#lastEventId;
    return this.#read(events);
  }

  /** Takes the end of the bytes. Call it once, also after an error of the connection. */
  end(): Delta[] {
    const deltas = this.#read(this.#decoder.end());
    return this.complete ? deltas : [...deltas, ...this.#readStray()];
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
    const words = data.trim();
    if (words === "") return [];
    if (words === "[DONE]") {
      this.#done = true;
      return [];
    }
    const chunk = parsedObject(data);
    if (chunk) return this.#readChunk(chunk, event);
    if (event === "error") this.#error = { kind: "provider", message: words, code: null };
    else this.#skipped += 1;
    return [];
  }

  #readChunk(chunk: JsonObject, event: string): Delta[] {
    if (isObject(chunk.usage)) this.#usage = usageOf(chunk.usage);
    const choice = firstChoice(chunk);
    if (!choice || chunk.error) this.#error = reportedError(chunk, event);
    if (!choice) return [];
    if (choice.finish_reason) this.#finishReason = String(choice.finish_reason);
    const deltas = deltasOf(choice.delta ?? choice.message);
    for (const delta of deltas) this.#keep(delta);
    return deltas;
  }

  #keep({ type, text }: Delta): void {
    if (type === "text") this.#text += text;
    else this.#reasoning += text;
  }
}

type JsonObject = Record<string, unknown>;

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parsedObject(data: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(data);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** The choice with index 0; an empty one where only others were sent, null where none was. */
function firstChoice(chunk: JsonObject): JsonObject | null {
  const choices = Array.isArray(chunk.choices) ? chunk.choices.filter(isObject) : [];
  if (choices.length === 0) return null;
  return choices.find((choice) => !choice.index) ?? {};
}

function deltasOf(delta: unknown): Delta[] {
  if (!isObject(delta)) return [];
  const content = Array.isArray(delta.content)
    ? delta.content.flatMap(partDeltas)
    : [textDelta(delta.content)];
  const deltas = [{ type: "reasoning", text: reasoningOf(delta) } as const, ...content];
  return deltas.filter(({ text }) => text !== "");
}

/** Reasoning by whichever name: DeepSeek and vLLM, OpenRouter and Ollama, OpenRouter's details. */
function reasoningOf(delta: JsonObject): string {
  return textOf(delta.reasoning_content) || textOf(delta.reasoning) || textOf(delta.reasoning_details);
}

/** Mistral streams content as parts: text, and thinking that is made of text parts itself. */
function partDeltas(part: unknown): Delta[] {
  if (!isObject(part)) return [];
  return part.type === "thinking"
    ? [{ type: "reasoning", text: textOf(part.thinking) }]
    : [textDelta(part.text)];
}

function textDelta(content: unknown): Delta {
  return { type: "text", text: textOf(content) };
}

/** The text of a string, or of a list of objects with a `text`. */
function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.map((part) => (isObject(part) && typeof part.text === "string" ? part.text : "")).join("");
}

/**
 * The error that an object reports, in the shapes of the servers: `{"error": {…}}`,
 * `{"error": "…"}`, `{"object": "error", "message": …}`, `{"detail": …}`, or any object of an `error` event.
 */
function reportedError(chunk: JsonObject, event: string): ReportedError | null {
  if (isObject(chunk.error)) return described(chunk.error);
  if (chunk.error) return { kind: "provider", message: String(chunk.error), code: null };
  const isError = event === "error" || chunk.object === "error" || ("message" in chunk && "code" in chunk);
  return isError || chunk.detail ? described(chunk) : null;
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

function usageOf(usage: JsonObject): Usage {
  const input = isObject(usage.prompt_tokens_details) ? usage.prompt_tokens_details : {};
  const output = isObject(usage.completion_tokens_details) ? usage.completion_tokens_details : {};
  return {
    input: countOf(usage.prompt_tokens),
    output: countOf(usage.completion_tokens),
    total: countOf(usage.total_tokens),
    cached: countOf(input.cached_tokens),
    reasoning: countOf(output.reasoning_tokens),
  };
}

function countOf(value: unknown): number | null {
  return Number.isInteger(value) && (value as number) >= 0 ? (value as number) : null;
}
