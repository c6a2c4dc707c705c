/** The chats of one notebook: saves their conversations in their outputs, and finds saved ones. */

import type {
  CodeCellModel,
  NotebookCell,
  NotebookPanel,
  NotebookTracker,
  OutputJson,
} from "@jupyterlab/notebook";
import { NotebookActions } from "@jupyterlab/notebook";
import type { MimeRenderer, RenderMimeRegistry } from "@jupyterlab/rendermime";
import { JSONExt } from "@lumino/coreutils";
import { CHAT_MIMETYPE, type SavedOutput } from "../../core/chat-protocol";
import type { Earlier, Keeper } from "../../page/chat-keeper";
import { record, text } from "../fields";
import { busyChats } from "./busy-chats";
import { transcriptOf } from "./saved-chat";
import { unpackedChat, type WholeChat } from "./unpacking";

export const WIDGET_MIMETYPE = "application/vnd.jupyter.widget-view+json";

/** Id of the widget that an output shows; null if there is none. */
export function modelId(data: Readonly<Record<string, unknown>>): string | null {
  return text(record(data[WIDGET_MIMETYPE]).model_id) || null;
}

export class NotebookChats {
  readonly panel: NotebookPanel;
  readonly #everywhere: RenderMimeRegistry;
  /** The conversation in the outputs of a cell when it was last run, by the cell's id. */
  readonly #replaced = new Map<string, Earlier>();

  /** `everywhere` is the registry that the notebook's registry was copied from. */
  constructor(panel: NotebookPanel, everywhere: RenderMimeRegistry) {
    this.panel = panel;
    this.#everywhere = everywhere;
  }

  /** Draws live widgets; null without a kernel, and until the widget manager has connected to it. */
  widgetRenderer(): MimeRenderer | null {
    if (!this.panel.sessionContext.session?.kernel) return null;
    const { rendermime } = this.panel.content;
    const factory = rendermime.getFactory(WIDGET_MIMETYPE);
    if (!factory || factory === this.#everywhere.getFactory(WIDGET_MIMETYPE)) return null;
    return rendermime.createRenderer(WIDGET_MIMETYPE);
  }

  /** Remembers the conversation in a cell whose outputs are about to be cleared. */
  remember({ model }: NotebookCell): void {
    if (!isCode(model)) return;
    const found = outputsOf(model).map(earlierIn).find(Boolean);
    const id = model.sharedModel.getId();
    if (found) this.#replaced.set(id, found);
    else this.#replaced.delete(id);
  }

  /** The keeper of a chat: `id` is that of its widget. */
  keeper(id: string): Keeper {
    let earlier = this.#earlier(id);
    const write = (output: SavedOutput) => this.#write(id, output, earlier);
    if (earlier) write({ data: {}, metadata: {} });
    const view = {};
    return {
      earlier,
      keep: write,
      setBusy: (busy) => busyChats.report(this.panel, view, id, busy),
      forget: () => {
        earlier = null;
        write({ data: {}, metadata: {} });
      },
    };
  }

  /** Only an empty chat restores an earlier conversation. */
  #earlier(id: string): Earlier | null {
    for (const cell of this.#codeCells()) {
      const output = outputsOf(cell).find(({ data = {} }) => modelId(data) === id);
      if (!output) continue;
      const cellId = cell.sharedModel.getId();
      const replaced = this.#replaced.get(cellId);
      this.#replaced.delete(cellId);
      return pending(output) ?? (isEmpty(output) && replaced ? replaced : null);
    }
    return null;
  }

  #write(id: string, { data, metadata }: SavedOutput, earlier: Earlier | null): void {
    for (const { outputs } of this.#codeCells()) {
      for (let index = 0; index < outputs.length; index += 1) {
        const old = outputs.get(index).toJSON();
        if (modelId(old.data ?? {}) !== id) continue;
        const { earlier: _, ...own } = record({ ...old.metadata, ...metadata }.nbstream);
        const nbstream = { ...own, ...(earlier && { earlier }) };
        const merged = {
          ...old,
          data: { ...old.data, ...data },
          metadata: { ...old.metadata, ...metadata, nbstream },
        };
        // A notebook that already has it, even in another order, must not be marked as changed.
        if (!JSONExt.deepEqual(merged, old)) outputs.set(index, merged);
      }
    }
  }

  #codeCells(): CodeCellModel[] {
    return this.panel.content.widgets.map(({ model }) => model).filter(isCode);
  }
}

/** The chats of all notebooks that are open or will be opened. */
export function eachNotebook(
  tracker: NotebookTracker,
  rendermime: RenderMimeRegistry,
  visit: (chats: NotebookChats) => void,
): void {
  const known = new Map<unknown, NotebookChats>();
  const meet = (panel: NotebookPanel) => {
    const chats = new NotebookChats(panel, rendermime);
    known.set(panel.content, chats);
    panel.disposed.connect(() => known.delete(panel.content));
    visit(chats);
  };
  tracker.forEach(meet);
  tracker.widgetAdded.connect((_, panel) => meet(panel));
  NotebookActions.executionScheduled.connect((_, { notebook, cell }) => known.get(notebook)?.remember(cell));
}

function isCode(model: NotebookCell["model"]): model is CodeCellModel {
  return model.type === "code";
}

function outputsOf({ outputs }: CodeCellModel): OutputJson[] {
  return Array.from({ length: outputs.length }, (_, index) => outputs.get(index).toJSON());
}

/** The conversation in an output, or the one that it offers to restore. */
function earlierIn(output: OutputJson): Earlier | null {
  return offered(chatIn(output)) ?? pending(output);
}

function pending({ metadata = {} }: OutputJson): Earlier | null {
  const { data, provenance } = record(record(metadata.nbstream).earlier);
  return offered(unpackedChat(data, provenance, ""));
}

function chatIn({ data = {}, metadata = {} }: OutputJson): WholeChat {
  const { earlier: _, ...provenance } = record(metadata.nbstream);
  return unpackedChat(data[CHAT_MIMETYPE], provenance, data["text/markdown"]);
}

function offered(chat: WholeChat): Earlier | null {
  const { turns, contents, unreadable } = transcriptOf(chat);
  if (turns.length === 0) return null;
  const missing = unreadable > 0 ? [`${unreadable} unreadable`] : [];
  return { ...chat, messages: 2 * turns.length, contents: [...contents, ...missing] };
}

function isEmpty(output: OutputJson): boolean {
  return transcriptOf(chatIn(output)).turns.length === 0;
}
