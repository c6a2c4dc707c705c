/**
 * The comparisons that this page shows live. The widget's code adds them, one per model of its kernel; the JupyterLab
 * extension draws them in their outputs. Without the extension they are not used.
 */

import { pageWide } from "./shared";

/** It uses no signals, because each side has its own copy of that library. */
export interface ShownLive {
  readonly id: string;
  /** Draws it into `el` until the returned function is called. */
  mount(el: HTMLElement): () => void;
  /** Its kernel sends nothing more. */
  lose(): void;
}

interface Shared {
  grids: Map<string, ShownLive>;
  watchers: Set<() => void>;
}

const shared = pageWide<Shared>("live-grids/1");
shared.grids ??= new Map();
shared.watchers ??= new Set();
const { grids, watchers } = shared as Shared;

export const liveGrids = {
  find: (id: string): ShownLive | undefined => grids.get(id),
  add(grid: ShownLive): void {
    grids.set(grid.id, grid);
    for (const watcher of [...watchers]) watcher();
  },
  remove(grid: ShownLive): void {
    if (grids.get(grid.id) !== grid) return;
    grids.delete(grid.id);
    for (const watcher of [...watchers]) watcher();
  },
  /** Calls `watcher` when a comparison was added or removed, until the returned function is called. */
  watch(watcher: () => void): () => void {
    watchers.add(watcher);
    return () => watchers.delete(watcher);
  },
};
