/** Puts the panel of chats into the sidebar. What it shows is loaded when it is opened first. */

import type { JupyterFrontEnd } from "@jupyterlab/application";
import type { CommandPalette, SessionContextDialogs } from "@jupyterlab/apputils";
import type { NotebookTracker } from "@jupyterlab/notebook";
import { Widget } from "@lumino/widgets";
import type { ChatPanel } from "./chat-panel";

const ID = "nbstream-chats";
const SHOW = "nbstream:show-chats";
/** Below the panels of JupyterLab. */
const RANK = 900;

export function addSidebar(
  { commands, shell }: JupyterFrontEnd,
  tracker: NotebookTracker,
  dialogs: SessionContextDialogs | null,
  palette: CommandPalette | null,
): void {
  shell.add(new Sidebar(tracker, dialogs), "right", { rank: RANK });
  commands.addCommand(SHOW, {
    label: "Show Chats",
    caption: "Show the panel with the chats of the notebook and their turns",
    isEnabled: () => true,
    execute: () => shell.activateById(ID),
  });
  palette?.addItem({ command: SHOW, category: "nbstream" });
}

class Sidebar extends Widget {
  readonly #tracker: NotebookTracker;
  readonly #dialogs: SessionContextDialogs | null;
  #panel: Promise<ChatPanel> | undefined;

  constructor(tracker: NotebookTracker, dialogs: SessionContextDialogs | null) {
    super();
    this.#tracker = tracker;
    this.#dialogs = dialogs;
    this.id = ID;
    this.title.caption = "Chats of the notebook (nbstream)";
    this.title.iconClass = "nbs-chats-icon";
    this.addClass("nbs-chats");
    this.node.tabIndex = -1;
    this.node.setAttribute("role", "region");
    this.node.setAttribute("aria-label", "Chats of the notebook");
  }

  protected override onAfterShow(): void {
    this.#panel ??= import("./chat-panel").then(
      ({ ChatPanel }) => new ChatPanel(this.node, this.#tracker, this.#dialogs),
    );
    void this.#panel.then((panel) => panel.setOpen(this.isVisible));
  }

  protected override onAfterHide(): void {
    void this.#panel?.then((panel) => panel.setOpen(this.isVisible));
  }

  /** The keyboard moves into the panel that a command opens. */
  protected override onActivateRequest(): void {
    this.node.focus();
  }
}
