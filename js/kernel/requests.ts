/** Commands that were sent to the kernel and are not answered yet. */

import type { Answer, CommandMessage, Request, Returned } from "../core/commands";

/** The kernel refused a command; the message is for the reader. */
export class Refused extends Error {
  override readonly name = "Refused";
}

/** There will be no answer: the kernel has ended, or nbstream is not loaded in it. */
export class KernelLost extends Error {
  override readonly name = "KernelLost";
}

export type Buffers = readonly DataView<ArrayBuffer>[];

/** The result of a command, and the buffers sent with it. */
export interface Packet<Data> {
  data: Data;
  buffers: Buffers;
}

interface Waiting {
  resolve(packet: Packet<unknown>): void;
  reject(reason: Error): void;
}

/** The commands of one channel: a widget's model, or a comm. */
export class Requests<Commands> {
  readonly #post: (command: CommandMessage) => void;
  readonly #waiting = new Map<number, Waiting>();
  #last: number;

  /**
   * @param post sends a command
   * @param first its number. Pages that share a channel receive the answers to each other's commands: they start with
   *   different numbers.
   */
  constructor(post: (command: CommandMessage) => void, first = 1) {
    this.#post = post;
    this.#last = first - 1;
  }

  /** Resolves to what the kernel returns; rejects with `Refused` or `KernelLost`. */
  async request<Sent extends Request<Commands>>(request: Sent): Promise<Returned<Commands, Sent["name"]>> {
    return (await this.requestPacket(request)).data;
  }

  /** As `request`, with the buffers of the answer. */
  requestPacket<Sent extends Request<Commands>>(
    request: Sent,
  ): Promise<Packet<Returned<Commands, Sent["name"]>>> {
    this.#last += 1;
    const n = this.#last;
    const answer = new Promise<Packet<unknown>>((resolve, reject) => {
      this.#post({ ...(request as object), t: "command", n } as CommandMessage);
      this.#waiting.set(n, { resolve, reject });
    });
    return answer as Promise<Packet<Returned<Commands, Sent["name"]>>>;
  }

  /** Sends a command and ignores its answer. */
  send(request: Request<Commands>): void {
    this.request(request).catch((error) => console.debug("nbstream:", error));
  }

  /** Handles a message of the kernel; returns false if it is not an answer. */
  receive(message: Answer | { t: string }, buffers: Buffers = []): message is Answer {
    if (!isAnswer(message)) return false;
    const waiting = this.#waiting.get(message.n);
    this.#waiting.delete(message.n);
    if (message.t === "refused") waiting?.reject(new Refused(message.message));
    else waiting?.resolve({ data: message.t === "result" ? message.data : undefined, buffers });
    return true;
  }

  /** The kernel sends nothing more. */
  lose(): void {
    for (const { reject } of this.#waiting.values()) reject(new KernelLost("The kernel has ended."));
    this.#waiting.clear();
  }
}

function isAnswer(message: Answer | { t: string }): message is Answer {
  return message.t === "ack" || message.t === "refused" || message.t === "result";
}
