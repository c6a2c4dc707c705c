/** The JupyterLab and Notebook 7 extension of nbstream. */

import type { JupyterFrontEndPlugin } from "@jupyterlab/application";
import {
  type CommandPalette,
  ICommandPalette,
  ISessionContextDialogs,
  type SessionContextDialogs,
} from "@jupyterlab/apputils";
import { type EditorLanguageRegistry, IEditorLanguageRegistry } from "@jupyterlab/codemirror";
import { INotebookTracker, type NotebookTracker } from "@jupyterlab/notebook";
import { IRenderMimeRegistry, type RenderMimeRegistry } from "@jupyterlab/rendermime";
import { codeCells } from "../page/code-cells";
import { savedView } from "../page/saved-view";
import { drawnBatches } from "./batches/renderer";
import { cellsOf } from "./cells";
import { eachNotebook } from "./chats/notebook-chats";
import { chatRendererFactory } from "./chats/renderer";
import { codeRendererFactory } from "./code-output";
import { addCommands } from "./commands/commands";
import { insertCode } from "./commands/insertion";
import { drawAll } from "./drawn-nearby";
import { FocusKeeper } from "./focus";
import { drawnComparisons } from "./grids/renderer";
import { Keeper } from "./keeping/keeper";
import { sendCellOrders } from "./kernel/cell-order";
import { liveRendererFactory } from "./live-renderer";
import { logprobsRendererFactory } from "./logprobs-output";
import { addSidebar } from "./panel/sidebar";
import { highlightPrompts } from "./prompt-cells/highlight";
import { inspectionRendererFactory, loadDrawing, replyRendererFactory } from "./renderer";
import { addStatusItem } from "./status-bar/adding";

/** Lower than the rank of JupyterLab's text MIME types (HTML 50, Markdown 60), so that ours is preferred. */
const RANK = 10;

/** Lower than the rank of widgets (-10), which cannot be drawn without a kernel. */
const LIVE_RANK = -20;

const replies: JupyterFrontEndPlugin<
  [RenderMimeRegistry, NotebookTracker | null, SessionContextDialogs | null]
> = {
  id: "nbstream:replies",
  description: "Renders saved %%chat answers and runs their cells again.",
  autoStart: true,
  requires: [IRenderMimeRegistry],
  optional: [INotebookTracker, ISessionContextDialogs],
  activate: (_app, rendermime, tracker, dialogs) => {
    savedView.load = loadDrawing;
    if (tracker) codeCells.insert = insertCode(tracker);
    window.addEventListener("beforeprint", drawAll);
    const findCell = tracker ? cellsOf(tracker, dialogs) : () => null;
    rendermime.addFactory(replyRendererFactory(findCell, new FocusKeeper(document)), LIVE_RANK);
    rendermime.addFactory(liveRendererFactory(drawnComparisons, findCell), LIVE_RANK);
    rendermime.addFactory(liveRendererFactory(drawnBatches, findCell), LIVE_RANK);
    rendermime.addFactory(inspectionRendererFactory(findCell), RANK);
    rendermime.addFactory(codeRendererFactory, RANK);
    rendermime.addFactory(logprobsRendererFactory, RANK);
  },
};

const chats: JupyterFrontEndPlugin<
  [RenderMimeRegistry, NotebookTracker | null, SessionContextDialogs | null]
> = {
  id: "nbstream:chats",
  description: "Saves chat widget conversations in the notebook and renders them without a kernel.",
  autoStart: true,
  requires: [IRenderMimeRegistry],
  optional: [INotebookTracker, ISessionContextDialogs],
  activate: (_app, rendermime, tracker, dialogs) => {
    // In a console the live widget is drawn.
    rendermime.addFactory(
      chatRendererFactory(() => null, null),
      RANK,
    );
    if (!tracker) return;
    const findCell = cellsOf(tracker, dialogs);
    eachNotebook(tracker, rendermime, (chats) =>
      chats.panel.content.rendermime.addFactory(chatRendererFactory(findCell, chats), LIVE_RANK),
    );
  },
};

const documents: JupyterFrontEndPlugin<[NotebookTracker | null]> = {
  id: "nbstream:documents",
  description:
    "Saves partial answers in the notebook, so that they survive page reloads and kernel restarts.",
  autoStart: true,
  optional: [INotebookTracker],
  activate: (_app, tracker) => {
    // A page of Voilà has no notebooks.
    if (tracker) new Keeper(tracker);
  },
};

const prompts: JupyterFrontEndPlugin<[NotebookTracker | null, EditorLanguageRegistry | null]> = {
  id: "nbstream:prompts",
  description: "Edits %%chat cells as prose: Markdown, with marked options and variables.",
  autoStart: true,
  optional: [INotebookTracker, IEditorLanguageRegistry],
  activate: (_app, tracker, languages) => {
    if (tracker && languages) highlightPrompts(tracker, languages);
  },
};

const order: JupyterFrontEndPlugin<[NotebookTracker | null]> = {
  id: "nbstream:order",
  description: "Lets conversations follow the order of the cells in the notebook.",
  autoStart: true,
  optional: [INotebookTracker],
  activate: (_app, tracker) => {
    if (tracker) sendCellOrders(tracker);
  },
};

const commands: JupyterFrontEndPlugin<
  [NotebookTracker | null, SessionContextDialogs | null, CommandPalette | null]
> = {
  id: "nbstream:commands",
  description: "Commands for %%chat cells and their answers, with shortcuts.",
  autoStart: true,
  optional: [INotebookTracker, ISessionContextDialogs, ICommandPalette],
  activate: (app, tracker, dialogs, palette) => {
    if (tracker) addCommands(app, tracker, dialogs, palette);
  },
};

const panel: JupyterFrontEndPlugin<
  [NotebookTracker | null, SessionContextDialogs | null, CommandPalette | null]
> = {
  id: "nbstream:panel",
  description: "Lists the chats of the notebook and their turns in the sidebar.",
  autoStart: true,
  optional: [INotebookTracker, ISessionContextDialogs, ICommandPalette],
  activate: (app, tracker, dialogs, palette) => {
    if (tracker) addSidebar(app, tracker, dialogs, palette);
  },
};

const status: JupyterFrontEndPlugin<[NotebookTracker | null]> = {
  id: "nbstream:status-bar",
  description: "Shows the model, the running answers, the tokens and the cost of the current notebook.",
  autoStart: true,
  optional: [INotebookTracker],
  activate: (app, tracker) => {
    if (tracker) void addStatusItem(app, tracker);
  },
};

export default [replies, chats, documents, prompts, order, commands, panel, status];
