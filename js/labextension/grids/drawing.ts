/** Draws saved comparisons: loaded when a page has one. */

import { GridStore } from "../../core/grid-store";
import { mountGrid } from "../../grid/GridView";
import { type GridSession, newViewState } from "../../grid/session";
import { typesetterFrom } from "../../reply/typesetting";
import type { SavedComparison } from "./saved-grid";

const typeset = typesetterFrom(() => import("../../math"));

/** Draws a comparison into `host` until the returned function is called. */
export function mountSaved(host: HTMLElement, { snapshot, bodies, remark }: SavedComparison): () => void {
  const store = new GridStore(snapshot);
  store.takeBodies(bodies);
  const view = newViewState();
  view.notice.value = remark;
  const session: GridSession = {
    store,
    view,
    typeset,
    stop: undefined,
    send: undefined,
    adopt: undefined,
    inspectable: () => undefined,
    show: () => {},
  };
  return mountGrid(host, session);
}
