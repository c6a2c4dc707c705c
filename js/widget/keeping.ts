/** What the page needs to keep the output of a reply up to date: see `page/live-replies.ts`. */

import type { Command, FromKernel } from "../core/protocol";
import type { Inert, Output } from "../page/live-replies";

type InertSent = Extract<FromKernel, { t: "inert" }>;

export class Keeping {
  readonly #send: (command: Command) => void;
  readonly #lines: string[] = [];
  readonly #waiting: ((output: Output) => void)[] = [];
  #covers = 0;

  constructor(send: (command: Command) => void) {
    this.#send = send;
  }

  get inert(): Inert {
    return { lines: this.#lines, covers: this.#covers };
  }

  ask(): Promise<Output> {
    const output = new Promise<Output>((resolve) => this.#waiting.push(resolve));
    this.#send({ t: "output" });
    return output;
  }

  takeLines({ at, covers, lines }: InertSent): void {
    if (at > this.#lines.length) return;
    this.#lines.splice(at, this.#lines.length, ...lines);
    this.#covers = covers;
  }

  takeOutput(output: Output): void {
    for (const resolve of this.#waiting.splice(0)) resolve(output);
  }
}
