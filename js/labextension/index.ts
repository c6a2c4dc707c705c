/** The JupyterLab and Notebook 7 extension of nbstream. */

import type { JupyterFrontEndPlugin } from "@jupyterlab/application";
import { ISessionContextDialogs, type SessionContextDialogs } from "@jupyterlab/apputils";
import { type EditorLanguageRegistry, IEditorLanguageRegistry } from "@jupyterlab/codemirror";
import { INotebookTracker, type NotebookTracker } from "@jupyterlab/notebook";
import { IRenderMimeRegistry, type RenderMimeRegistry } from "@jupyterlab/rendermime";
import { cellsOf } from "./cells";
import { FocusKeeper } from "./focus";
import { highlightPrompts } from "./prompts";
import { inspectionRendererFactory, replyRendererFactory } from "./renderer";

/** Below the rank of every text mimetype of JupyterLab (HTML 50, Markdown 60), so that ours is preferred. */
const RANK = 10;

const replies: JupyterFrontEndPlugin<
  [RenderMimeRegistry, NotebookTracker | null, SessionContextDialogs | null]
> = {
  id: "nbstream:replies",
  description: "Draws the saved answers of %%chat, and runs their cells again.",
  autoStart: true,
  requires: [IRenderMimeRegistry],
  optional: [INotebookTracker, ISessionContextDialogs],
  activate: (_app, rendermime, tracker, dialogs) => {
    const findCell = tracker ? cellsOf(tracker, dialogs) : () => null;
    rendermime.addFactory(replyRendererFactory(findCell, new FocusKeeper(document)), RANK);
    rendermime.addFactory(inspectionRendererFactory(findCell), RANK);
  },
};

const prompts: JupyterFrontEndPlugin<[NotebookTracker, EditorLanguageRegistry]> = {
  id: "nbstream:prompts",
  description: "Highlights %%chat cells as Markdown.",
  autoStart: true,
  requires: [INotebookTracker, IEditorLanguageRegistry],
  activate: (_app, tracker, languages) => highlightPrompts(tracker, languages),
};

export default [replies, prompts];
