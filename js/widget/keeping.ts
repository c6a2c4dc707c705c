/** What the page needs to update the output of a reply: see `page/live-replies.ts`. */

import type { FromKernel } from "../core/protocol";
import type { Inert } from "../page/live-replies";

type InertSent = Extract<FromKernel, { t: "inert" }>;

export class Keeping {
  readonly #lines: string[] = [];
  #covers = 0;

  get inert(): Inert {
    return { lines: this.#lines, covers: this.#covers };
  }

  takeLines({ at, covers, lines }: InertSent): void {
    if (at > this.#lines.length) return;
    this.#lines.splice(at, this.#lines.length, ...lines);
    this.#covers = covers;
  }
}
