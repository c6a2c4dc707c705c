/**
 * Outputs that the kernel still changes: answers, comparisons. The code of a widget adds them, one per model of its
 * kernel; the JupyterLab extension draws them in their outputs and keeps those up to date
 * (`labextension/keeping`). Without the extension they are not used.
 */

import type { Place } from "../core/protocol";
import { pageWide } from "./shared";

/** An output of a notebook. */
export interface Output {
  readonly data: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** It uses no signals, because each side has its own copy of that library. */
export interface LiveOutput {
  readonly id: string;
  readonly place: Place;
  /** Whether the page was opened or reloaded after it was displayed. */
  readonly restored: boolean;
  /** Whether it has ended. */
  readonly isOver: boolean;
  /** The page writes the output from now on. */
  keep(): void;
  /** The output, from the kernel; rejects when the kernel has ended. */
  output(): Promise<Output>;
  /** Its kernel sends nothing more. */
  lose(): void;
  /** Its output is saved or deleted: no page has to bring it back. */
  release(): void;
}

interface Shared<Live> {
  lives: Map<string, Live>;
  watchers: Set<() => void>;
  kept: boolean;
}

/** The outputs of one kind in this page. */
export class LiveOutputs<Live extends { readonly id: string }> {
  readonly #shared: Shared<Live>;

  /** @param name the name of the kind; with the version of its interface, since a page may load two */
  constructor(name: string) {
    const shared = pageWide<Shared<Live>>(name);
    shared.lives ??= new Map();
    shared.watchers ??= new Set();
    this.#shared = shared as Shared<Live>;
  }

  all(): Live[] {
    return [...this.#shared.lives.values()];
  }

  find(id: string): Live | undefined {
    return this.#shared.lives.get(id);
  }

  add(live: Live): void {
    this.#shared.lives.set(live.id, live);
    this.changed();
  }

  remove(live: Live): void {
    if (this.find(live.id) !== live) return;
    this.#shared.lives.delete(live.id);
    this.changed();
  }

  /** Whether the extension updates the outputs in this page, and releases them when they are saved. */
  get areKept(): boolean {
    return this.#shared.kept === true;
  }

  keep(): void {
    this.#shared.kept = true;
  }

  /** Calls `watcher` when one was added, removed or written again, until the returned function is called. */
  watch(watcher: () => void): () => void {
    this.#shared.watchers.add(watcher);
    return () => this.#shared.watchers.delete(watcher);
  }

  /** Calls the watchers. */
  changed(): void {
    for (const watcher of [...this.#shared.watchers]) watcher();
  }
}
