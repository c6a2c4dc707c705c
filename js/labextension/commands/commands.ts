/** The commands of the extension, for the palette, shortcuts and menus. */

import type { JupyterFrontEnd } from "@jupyterlab/application";
import { type CommandPalette, Notification, type SessionContextDialogs } from "@jupyterlab/apputils";
import { NotebookActions, type NotebookPanel, type NotebookTracker } from "@jupyterlab/notebook";
import { turn } from "../prompt-cells/turning";
import { questionAbout } from "./asking";
import { fixIn } from "./fixing";
import { insertAndEdit, insertAt } from "./insertion";
import { insertLastCode } from "./last-code";
import { stopAll } from "./stopping";

const CATEGORY = "nbstream";
/** How long a message stays, in ms. */
const READ = 5000;

interface Command {
  id: string;
  label: string;
  caption: string;
  run(panel: NotebookPanel): unknown;
}

export const STOP_ALL = "nbstream:stop-all";

function commandsWith(dialogs: SessionContextDialogs | null): Command[] {
  return [
    {
      id: "nbstream:new-chat-cell",
      label: "New %%chat Cell Below",
      caption: "Insert a %%chat cell below the active cell",
      run: (panel) => insertAndEdit(panel, panel.content.activeCellIndex + 1, "%%chat\n"),
    },
    {
      id: "nbstream:turn-cell",
      label: "Turn Into %%chat Cell or Back",
      caption:
        "Turn the active cell into a %%chat cell, or a %%chat cell into Markdown or code; options are kept",
      run: (panel) => {
        const refusal = turn(panel);
        if (refusal) inform(refusal);
      },
    },
    {
      id: "nbstream:choose-model",
      label: "Choose Model of %%chat Cell",
      caption: "Open the list of models in the bar of the active %%chat cell",
      run: (panel) => {
        const bar = panel.content.activeCell?.node.querySelector<HTMLElement>(".nbs-prompt-model");
        if (bar) bar.click();
        else inform("The active cell is not a %%chat cell.");
      },
    },
    {
      id: "nbstream:ask-about-cell",
      label: "Ask About This Cell",
      caption:
        "Insert a %%chat cell with the source, output and error of the active cell, without running it",
      run: askAboutCell,
    },
    {
      id: "nbstream:fix-error",
      label: "Fix This Error",
      caption: "Ask about the error of the active cell, or the last error, in a new cell below it",
      run: (panel) => fixError(panel, dialogs),
    },
    {
      id: "nbstream:insert-last-code",
      label: "Insert the Last Answer’s Code Below",
      caption: "Insert the code of the last answer into cells below it, without running them",
      run: async (panel) => (await insertLastCode(panel)) || inform("No answer in this notebook has code."),
    },
    {
      id: STOP_ALL,
      label: "Stop All Answers",
      caption: "Stop all answers that stream in this notebook; their text stays",
      run: stopAll,
    },
  ];
}

/** Adds the commands for the current notebook. */
export function addCommands(
  { commands }: JupyterFrontEnd,
  tracker: NotebookTracker,
  dialogs: SessionContextDialogs | null,
  palette: CommandPalette | null,
): void {
  for (const { id, label, caption, run } of commandsWith(dialogs)) {
    commands.addCommand(id, {
      label,
      caption,
      isEnabled: () => tracker.currentWidget !== null,
      execute: () => tracker.currentWidget && run(tracker.currentWidget),
    });
    palette?.addItem({ command: id, category: CATEGORY });
  }
  tracker.currentChanged.connect(() => commands.notifyCommandChanged());
}

async function askAboutCell(panel: NotebookPanel): Promise<void> {
  const { activeCell, widgets } = panel.content;
  if (!activeCell) return;
  if (activeCell.model.sharedModel.getSource().trim() === "") {
    inform("The cell is empty.");
    return;
  }
  const source = await questionAbout(activeCell.model, panel.sessionContext.session?.kernel ?? null);
  await insertAndEdit(panel, widgets.indexOf(activeCell) + 1, source);
}

async function fixError(panel: NotebookPanel, dialogs: SessionContextDialogs | null): Promise<void> {
  const fix = await fixIn(panel);
  if (!fix) {
    inform("No cell shows an error. Run the cell that fails first.");
    return;
  }
  insertAt(panel, fix.index + 1, [{ cell_type: "code", source: fix.source }]);
  await NotebookActions.run(panel.content, panel.sessionContext, dialogs ?? undefined);
}

function inform(message: string): void {
  Notification.info(message, { autoClose: READ });
}
