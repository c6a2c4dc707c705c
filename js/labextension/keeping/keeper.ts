/** Updates the outputs of all replies that stream into the notebooks of this page. */

import type { NotebookPanel, NotebookTracker } from "@jupyterlab/notebook";
import { liveReplies } from "../../page/live-replies";
import { followKernel } from "../kernel/lifecycle";
import { KeptReply } from "./kept-reply";
import { allPlaces, panelsOf } from "./places";
import { announce } from "./writer";

/** In ms. */
const TICK = 1000;
/** When the output of a new reply will be in its notebook, in ms. */
const SOON = 100;

export class Keeper {
  readonly #tracker: NotebookTracker;
  readonly #kept = new Map<string, KeptReply>();
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(tracker: NotebookTracker) {
    this.#tracker = tracker;
    tracker.forEach((panel) => {
      this.#follow(panel);
    });
    tracker.widgetAdded.connect((_, panel) => this.#follow(panel));
    liveReplies.keep();
    liveReplies.watch(() => this.#meet());
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

  /** Adds new replies, and drops removed ones. */
  #meet(): void {
    const there = new Set<string>();
    for (const reply of liveReplies.all()) {
      there.add(reply.id);
      if (!this.#kept.has(reply.id)) this.#kept.set(reply.id, new KeptReply(reply, this.#tracker));
    }
    for (const [id, kept] of [...this.#kept]) {
      if (there.has(id)) continue;
      this.#kept.delete(id);
      kept.drop();
    }
    this.#setTimer();
    setTimeout(() => this.#tick(), SOON);
  }

  #setTimer(): void {
    if (this.#kept.size > 0) this.#timer ??= setInterval(() => this.#tick(), TICK);
    else {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
  }

  #tick(): void {
    const places = allPlaces(panelsOf(this.#tracker));
    for (const [id, kept] of [...this.#kept]) kept.tick(places.get(id) ?? []);
  }

  #each(visit: (kept: KeptReply) => void): void {
    for (const kept of [...this.#kept.values()]) visit(kept);
  }
}
