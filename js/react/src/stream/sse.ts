/**
 * Decodes server-sent events, per the WHATWG HTML standard, section 9.2 ("Server-sent events").
 *
 * One deliberate difference: an event without its closing blank line is still delivered when the bytes end,
 * because model servers leave that line out and the standard would drop the last chunk of an answer.
 */

import { createParser } from "eventsource-parser";

export interface ServerSentEvent {
  /** The event's type; "message" if the stream did not name one. */
  event: string;
  /** The `data:` lines joined by "\n". */
  data: string;
  /** The event's id, where the server gave it one. */
  id?: string | undefined;
}

/** Decodes one stream. Bytes may be cut anywhere: inside a character, inside "\r\n", inside a field name. */
export class EventDecoder {
  readonly #text = new TextDecoder();
  readonly #stray: string[] = [];
  #events: ServerSentEvent[] = [];
  readonly #parser = createParser({
    onEvent: ({ event = "message", data, id }) => {
      this.#events.push({ event, data, id });
    },
    onError: ({ field, value, line }) => {
      // llama.cpp reports a failure in mid-stream by a field of this name, which no standard knows.
      if (field === "error" && value) this.#events.push({ event: "error", data: value });
      else if (line !== undefined) this.#stray.push(line);
    },
  });

  /** The lines outside events: what a server sent instead of a stream. */
  get stray(): string {
    return this.#stray.join("\n");
  }

  /** The events that these bytes complete. */
  decode(bytes: Uint8Array): ServerSentEvent[] {
    this.#parser.feed(this.#text.decode(bytes, { stream: true }));
    return this.#take();
  }

  /** The event that was still open when the bytes ended, if any. Call it once. */
  end(): ServerSentEvent[] {
    this.#parser.feed(`${this.#text.decode()}\n\n`);
    return this.#take();
  }

  #take(): ServerSentEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }
}
