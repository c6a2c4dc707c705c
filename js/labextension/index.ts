/** The JupyterLab and Notebook 7 extension of nbstream. */

import type { JupyterFrontEndPlugin } from "@jupyterlab/application";
import { ISessionContextDialogs, type SessionContextDialogs } from "@jupyterlab/apputils";
import { type EditorLanguageRegistry, IEditorLanguageRegistry } from "@jupyterlab/codemirror";
import { INotebookTracker, type NotebookTracker } from "@jupyterlab/notebook";
import { IRenderMimeRegistry, type RenderMimeRegistry } from "@jupyterlab/rendermime";
import { savedView } from "../core/saved-view";
import { cellsOf } from "./cells";
import { FocusKeeper } from "./focus";
import { highlightPrompts } from "./prompts";
import { loadDrawing, replyRendererFactory } from "./renderer";

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
    savedView.load = loadDrawing;
    const findCell = tracker ? cellsOf(tracker, dialogs) : () => null;
    rendermime.addFactory(replyRendererFactory(findCell, new FocusKeeper(document)), RANK);
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
