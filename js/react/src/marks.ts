/** The marks of a stream that are no part of its text: the ids of its events, and its end. */

import { createParser } from "eventsource-parser";

export class Marks {
  readonly #text = new TextDecoder();
  #lastEventId = "";
  #done = false;
  readonly #parser = createParser({
    onEvent: ({ id, data }) => {
      if (id) this.#lastEventId = id;
      if (data.trim() === "[DONE]") this.#done = true;
    },
  });

  /** The id of the last event that came whole; empty if none had one. */
  get lastEventId(): string {
    return this.#lastEventId;
  }

  /** Whether the server said that nothing more will come. */
  get done(): boolean {
    return this.#done;
  }

  /** Takes the next bytes, cut anywhere. */
  push(bytes: Uint8Array): void {
    this.#parser.feed(this.#text.decode(bytes, { stream: true }));
  }
}
