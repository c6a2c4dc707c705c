/** Updates the outputs of all that the kernel changes in the notebooks of this page: see `kinds.ts`. */

import type { NotebookPanel, NotebookTracker } from "@jupyterlab/notebook";
import { followKernel } from "../kernel/lifecycle";
import { KeptOutput } from "./kept-output";
import { KINDS } from "./kinds";
import { allPlaces, panelsOf } from "./places";
import { announce } from "./writer";

/** In ms. */
const TICK = 1000;
/** When the new output will be in its notebook, in ms. */
const SOON = 100;

export class Keeper {
  readonly #tracker: NotebookTracker;
  readonly #kept = new Map<string, KeptOutput>();
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(tracker: NotebookTracker) {
    this.#tracker = tracker;
    tracker.forEach((panel) => {
      this.#follow(panel);
    });
    tracker.widgetAdded.connect((_, panel) => this.#follow(panel));
    for (const { lives } of KINDS) {
      lives.keep();
      lives.watch(() => this.#meet());
    }
    this.#meet();
  }

  #follow(panel: NotebookPanel): void {
    const unfollow = followKernel(panel.sessionContext, {
      wake: () => announce(panel),
      end: () => this.#each((kept) => kept.kernelEnded(panel)),
    });
    panel.disposed.connect(unfollow);
    panel.context.saveState.connect((_, state) => {
      if (state === "started") this.#each((kept) => kept.beforeSave(panel));
      else if (state === "completed") this.#each((kept) => kept.afterSave(panel));
    });
  }

  /** Adds new ones, and drops removed ones. */
  #meet(): void {
    const there = new Set<string>();
    for (const kind of KINDS) {
      for (const live of kind.lives.all()) {
        there.add(live.id);
        if (!this.#kept.get(live.id)?.isFor(live))
          this.#kept.set(live.id, new KeptOutput(live, kind, this.#tracker));
      }
    }
    for (const [id, kept] of [...this.#kept]) {
      if (there.has(id)) continue;
      this.#kept.delete(id);
      kept.drop();
    }
    setTimeout(() => this.#tick(), SOON);
  }

  #setTimer(): void {
    const isAtWork = [...this.#kept.values()].some((kept) => !kept.isAtRest);
    if (isAtWork) this.#timer ??= setInterval(() => this.#tick(), TICK);
    else {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
  }

  #tick(): void {
    const places = allPlaces(panelsOf(this.#tracker));
    for (const [id, kept] of [...this.#kept]) kept.tick(places.get(id) ?? []);
    this.#setTimer();
  }

  #each(visit: (kept: KeptOutput) => void): void {
    for (const kept of [...this.#kept.values()]) visit(kept);
  }
}
