/** The chat widgets whose answers stream. */

import type { NotebookPanel } from "@jupyterlab/notebook";

class BusyChats {
  /** By notebook: ids of widgets, by the view that reports them. */
  readonly #chats = new WeakMap<NotebookPanel, Map<object, string>>();
  readonly #watchers = new Set<() => void>();

  /** Reports for one view of a widget whether an answer streams. */
  report(panel: NotebookPanel, view: object, id: string, busy: boolean): void {
    const chats = this.#chats.get(panel) ?? new Map<object, string>();
    this.#chats.set(panel, chats);
    if (busy) chats.set(view, id);
    else chats.delete(view);
    for (const watcher of this.#watchers) watcher();
  }

  /** Their number in a notebook; a widget with two views counts once. */
  countIn(panel: NotebookPanel): number {
    return new Set(this.#chats.get(panel)?.values()).size;
  }

  /** Calls `watcher` after every report. */
  watch(watcher: () => void): void {
    this.#watchers.add(watcher);
  }
}

export const busyChats = new BusyChats();
