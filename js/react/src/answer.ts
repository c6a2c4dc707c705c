/** One answer, over as many connections as needed. */

import type { Endpoint } from "./endpoint";
import { pause } from "./pause";
import { ChatStream } from "./stream/chunks";
import { ChatError, type ChatMessage, type Usage } from "./types";

/** Milliseconds before reconnecting: the first time, and at most. */
const FIRST_WAIT = 100;
const LONGEST_WAIT = 5000;

/** The state of an answer, over the connections so far. */
export interface Progress {
  readonly text: string;
  readonly reasoning: string;
  readonly finishReason: string | null;
  readonly usage: Usage | null;
  readonly skipped: number;
}

const NOTHING: Progress = { text: "", reasoning: "", finishReason: null, usage: null, skipped: 0 };

export class Answer {
  readonly #endpoint: Endpoint;
  readonly #onProgress: (progress: Progress) => void;
  readonly #controller = new AbortController();
  #progress = NOTHING;
  #lastEventId = "";

  /** @param onProgress called with the new state after every change; never after `stop` */
  constructor(endpoint: Endpoint, onProgress: (progress: Progress) => void) {
    this.#endpoint = endpoint;
    this.#onProgress = onProgress;
  }

  /** Sends the request and reads to the end. Throws a `ChatError`, or any error after `stop`. */
  async read(messages: readonly ChatMessage[]): Promise<void> {
    let response: Response | null = await this.#endpoint.ask(messages, this.#signal);
    for (let attempt = 0; ; attempt += 1) {
      const before = this.#lastEventId;
      if (response && (await this.#readConnection(response))) return;
      if (this.#lastEventId !== before) attempt = 0;
      if (!this.#resumable || attempt >= this.#endpoint.reconnects) throw truncated();
      await pause(Math.min(FIRST_WAIT * 2 ** attempt, LONGEST_WAIT), this.#signal);
      response = await this.#resume();
    }
  }

  /** Stops reading, and also the model if the endpoint supports it. */
  stop(): void {
    this.#controller.abort();
    void this.#endpoint.stop(this.#lastEventId);
  }

  get #signal(): AbortSignal {
    return this.#controller.signal;
  }

  get #resumable(): boolean {
    return this.#endpoint.reconnects > 0 && this.#lastEventId !== "";
  }

  /** The rest of the answer; null if the server cannot return it now. */
  async #resume(): Promise<Response | null> {
    try {
      return await this.#endpoint.resume(this.#lastEventId, this.#signal);
    } catch (error) {
      if (!(error instanceof ChatError)) throw error;
      const status = error.details.status ?? 503;
      if (status === 404) throw truncated();
      if (status >= 500 || status === 429) return null;
      throw error;
    }
  }

  /** Reads one connection to its end; returns whether the answer is complete. */
  async #readConnection(response: Response): Promise<boolean> {
    checkContentType(response);
    const stream = new ChatStream();
    const base = this.#progress;
    await this.#pump(response, stream, base);
    // An incomplete event at the end is dropped if it will be sent again.
    if (!stream.complete && !this.#resumable) {
      stream.end();
      this.#advance(base, stream);
    }
    return stream.complete;
  }

  /** Reads until the last event or the end of the connection, however it ends. */
  async #pump(response: Response, stream: ChatStream, base: Progress): Promise<void> {
    const reader = response.body?.getReader();
    try {
      while (reader && !stream.done) {
        const { done, value } = await read(reader, this.#signal);
        if (done) return;
        stream.push(value);
        this.#lastEventId = stream.lastEventId || this.#lastEventId;
        this.#advance(base, stream);
      }
    } finally {
      void reader?.cancel().catch(() => {});
    }
  }

  #advance(base: Progress, stream: ChatStream): void {
    this.#progress = {
      text: base.text + stream.text,
      reasoning: base.reasoning + stream.reasoning,
      finishReason: stream.finishReason ?? base.finishReason,
      usage: stream.usage ?? base.usage,
      skipped: base.skipped + stream.skipped,
    };
    this.#onProgress(this.#progress);
    if (stream.error) {
      const { message, code } = stream.error;
      throw new ChatError("provider", message, code ? { code } : {});
    }
  }
}

type Part = { done: true; value?: undefined } | { done: false; value: Uint8Array };

/** The next bytes. A connection that breaks ends; only an abort throws. */
async function read(reader: ReadableStreamDefaultReader<Uint8Array>, signal: AbortSignal): Promise<Part> {
  const part = await reader.read().catch(() => ({ done: true }) as const);
  signal.throwIfAborted();
  return part.done ? { done: true } : part;
}

function checkContentType(response: Response): void {
  const type = response.headers.get("content-type") ?? "";
  if (!/\bhtml\b/i.test(type)) return;
  const message = `The server returned a page (${type}) instead of a stream. Check the URL.`;
  throw new ChatError("protocol", message);
}

function truncated(): ChatError {
  return new ChatError("truncated", "The connection broke before the answer was complete.");
}
