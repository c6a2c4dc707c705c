/** Puts the item into the status bar, where the page has one. */

import type { JupyterFrontEnd } from "@jupyterlab/application";
import type { NotebookTracker } from "@jupyterlab/notebook";
import { StatusItem } from "./status-item";

/** Left of the items of the notebook, whose ranks are lower. */
const RANK = 100;

/** Voilà does not even have the package of the status bar, so a static import would make the extension fail there. */
export async function addStatusItem(app: JupyterFrontEnd, tracker: NotebookTracker): Promise<void> {
  const packaged = await import("@jupyterlab/statusbar").catch(() => null);
  const bar = packaged && (await app.resolveOptionalService(packaged.IStatusBar));
  bar?.registerStatusItem("nbstream:status", { item: new StatusItem(tracker), align: "right", rank: RANK });
}
