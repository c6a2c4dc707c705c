/** What the panel shows: the chats of the current notebook. It is loaded when the panel is opened. */

import type { SessionContextDialogs } from "@jupyterlab/apputils";
import { NotebookActions, type NotebookPanel, type NotebookTracker } from "@jupyterlab/notebook";
import { effect, signal } from "@preact/signals-core";
import { h, render } from "preact";
import { watchOf } from "../cells";
import { codeCells } from "../keeping/places";
import { sendCellOrder } from "../kernel/cell-order";
import { request } from "../kernel/comm";
import { ChatList, type ChatListProps } from "./ChatList";
import { ChatWatch } from "./chat-watch";
import { savedAnswers } from "./saved-answers";

export class ChatPanel {
  readonly #host: HTMLElement;
  readonly #tracker: NotebookTracker;
  readonly #dialogs: SessionContextDialogs | null;
  /** Changes with the cells of the notebook. */
  readonly #revision = signal(0);
  #shown: { panel: NotebookPanel; watch: ChatWatch; end(): void } | null = null;
  #open = false;

  constructor(host: HTMLElement, tracker: NotebookTracker, dialogs: SessionContextDialogs | null) {
    this.#host = host;
    this.#tracker = tracker;
    this.#dialogs = dialogs;
    tracker.currentChanged.connect(() => this.#follow());
    NotebookActions.executed.connect((_, { notebook }) => {
      if (this.#shown?.panel.content !== notebook) return;
      this.#shown.watch.ask();
      this.#revision.value += 1;
    });
  }

  /** A panel that is closed asks no kernel. */
  setOpen(open: boolean): void {
    this.#open = open;
    this.#follow();
  }

  #follow(): void {
    const panel = this.#open ? this.#tracker.currentWidget : null;
    if (panel && panel === this.#shown?.panel) return;
    this.#shown?.end();
    this.#shown = null;
    if (panel) this.#show(panel);
    else this.#draw({ chats: null, cells: new Set(), saved: 0, isLoaded: false });
  }

  #show(panel: NotebookPanel): void {
    const watch = new ChatWatch(panel);
    const onCells = () => {
      this.#revision.value += 1;
    };
    void panel.context.ready.then(() => {
      if (this.#shown?.panel !== panel) return;
      panel.content.model?.cells.changed.connect(onCells);
      onCells();
    });
    void panel.sessionContext.ready.then(() => this.#shown?.panel === panel && watch.ask());
    const undraw = effect(() => {
      this.#revision.value;
      const { chats, process } = watch.listed.value;
      const saved = savedAnswers(panel, watch.listed.value).length;
      const cells = new Set(codeCells(panel).map(idOf));
      this.#draw({ chats, cells, saved, isLoaded: process !== "" });
    });
    this.#shown = {
      panel,
      watch,
      end: () => {
        undraw();
        panel.content.model?.cells.changed.disconnect(onCells);
        watch.dispose();
      },
    };
  }

  #draw(props: Omit<ChatListProps, "show" | "run" | "restore">): void {
    const actions = {
      show: (cell: string) => this.#goTo(cell),
      run: (cells: readonly string[]) => this.#run(cells),
      restore: () => this.#restore(),
    };
    render(h(ChatList, { ...props, ...actions }), this.#host);
  }

  #goTo(cell: string): void {
    const { panel } = this.#shown ?? {};
    const index = panel?.content.widgets.findIndex(({ model }) => idOf(model) === cell) ?? -1;
    if (!panel || index < 0) return;
    panel.content.deselectAll();
    panel.content.activeCellIndex = index;
    void panel.content.scrollToItem(index);
  }

  /** The kernel adds the turns of the saved answers at the places of their cells. */
  async #restore(): Promise<number> {
    const { panel, watch } = this.#shown ?? {};
    if (!panel || !watch) return 0;
    sendCellOrder(panel);
    const answers = savedAnswers(panel, watch.listed.value);
    const { turns } = await request(panel.sessionContext, { name: "restore", answers });
    watchOf(panel); // it may not have asked since nbstream was loaded
    return answers.length - turns;
  }

  async #run(cells: readonly string[]): Promise<void> {
    const { panel } = this.#shown ?? {};
    if (!panel?.sessionContext.session?.kernel) return;
    const { content, sessionContext } = panel;
    const run = content.widgets.filter(({ model }) => cells.includes(idOf(model)));
    await NotebookActions.runCells(content, run, sessionContext, this.#dialogs ?? undefined);
  }
}

function idOf({ sharedModel }: { sharedModel: { getId(): string } }): string {
  return sharedModel.getId();
}
