/** Draws a chat in a notebook's output: the live widget as long as its kernel lives, and else what was kept of it. */

import type { MimeModel, MimeRenderer, RendererFactory } from "@jupyterlab/rendermime";
import { Panel, Widget } from "@lumino/widgets";
import { CHAT_MIMETYPE } from "../../core/chat-protocol";
import { offerKeeper } from "../../page/chat-keeper";
import type { FindCell } from "../cells";
import { followKernel } from "../kernel/lifecycle";
import { modelId, type NotebookChats, WIDGET_MIMETYPE } from "./notebook-chats";
import { mountSavedChat } from "./SavedChatView";
import { transcriptOf } from "./saved-chat";
import { SavedChatSession } from "./session";
import { unpackedChat } from "./unpacking";

/** `chats` is null outside of notebooks, where nothing is live. */
export function chatRendererFactory(findCell: FindCell, chats: NotebookChats | null): RendererFactory {
  return {
    safe: true,
    mimeTypes: [CHAT_MIMETYPE],
    createRenderer: () => new ChatRenderer(findCell, chats),
  };
}

class ChatRenderer extends Panel implements MimeRenderer {
  readonly #findCell: FindCell;
  readonly #chats: NotebookChats | null;
  readonly #unfollow: () => void;
  readonly #session = new SavedChatSession();
  readonly #saved = new Widget();
  /** Widgets that will not come back. */
  readonly #lost = new Set<string>();
  #model: MimeModel | null = null;
  #live: MimeRenderer | null = null;
  #observer: MutationObserver | null = null;
  #leave: (() => void) | null = null;
  #unmount: (() => void) | null = null;

  constructor(findCell: FindCell, chats: NotebookChats | null) {
    super();
    this.#findCell = findCell;
    this.#chats = chats;
    this.addClass("nbs-output");
    this.#saved.addClass("nbs-saved-chat");
    this.addWidget(this.#saved);
    this.#unfollow = chats ? followKernel(chats.panel.sessionContext, this) : () => {};
  }

  /** JupyterLab calls it again when the output is updated, which each turn of the live chat does. */
  async renderModel(model: MimeModel): Promise<void> {
    const before = this.#widget;
    this.#model = model;
    if (before !== this.#widget) this.#sleep();
    else if (!this.#leave) this.#showSaved();
    this.wake();
  }

  /**
   * Shows the live chat as soon as there is one. Not in a notebook that is not trusted: widgets are code, and
   * may have come with the notebook.
   */
  wake(): void {
    const id = this.#widget;
    if (this.isDisposed || this.#live || !id || this.#lost.has(id) || !this.#model?.trusted) return;
    const live = this.#chats?.widgetRenderer();
    if (!live) return;
    this.#live = live;
    live.hide();
    this.addWidget(live);
    this.#saved.addClass("nbs-awaiting");
    this.#observer = new MutationObserver(() => this.#look(live, id));
    this.#observer.observe(live.node, { childList: true, subtree: true });
    // Not the output's own: the widget manager writes into it.
    const data = { [WIDGET_MIMETYPE]: { version_major: 2, version_minor: 0, model_id: id } };
    void live.renderModel({ data, metadata: {}, trusted: true, setData: () => {} });
  }

  /** Shows what was kept, from now on. */
  end(): void {
    if (this.#widget) this.#lost.add(this.#widget);
    this.#sleep();
  }

  /** The model that the output is a view of. */
  get #widget(): string | null {
    return this.#model && modelId(this.#model.data);
  }

  override dispose(): void {
    this.#unfollow();
    this.#observer?.disconnect();
    this.#leave?.();
    this.#unmount?.();
    super.dispose();
  }

  /** Only now is it known whether the output stands in a notebook cell. */
  protected override onAfterAttach(): void {
    this.#offerRun();
  }

  /** The live view has come, or gone: the widget was closed. */
  #look(live: MimeRenderer, id: string): void {
    const view = live.node.querySelector(".nbs-chat");
    if (view && !this.#leave) this.#showLive(live, view, id);
    else if (!view && this.#leave) this.end();
  }

  #sleep(): void {
    this.#observer?.disconnect();
    this.#leave?.();
    this.#live?.dispose();
    this.#observer = this.#live = this.#leave = null;
    this.#saved.removeClass("nbs-awaiting");
    this.#showSaved();
  }

  #showLive(live: MimeRenderer, view: Element, id: string): void {
    const keeper = this.#chats?.keeper(id);
    this.#leave = (keeper && offerKeeper(view, keeper)) ?? (() => {});
    // From now on only its end is of interest, and not each change inside of it.
    this.#observer?.disconnect();
    this.#observer?.observe(live.node, { childList: true });
    this.#unmount?.();
    this.#unmount = null;
    this.#saved.hide();
    live.show();
  }

  #showSaved(): void {
    if (!this.#model) return;
    const { data, metadata } = this.#model;
    const chat = unpackedChat(data[CHAT_MIMETYPE], metadata.nbstream, data["text/markdown"]);
    this.#session.load(transcriptOf(chat));
    this.#offerRun();
    this.#saved.show();
    this.#unmount ??= mountSavedChat(this.#saved.node, this.#session);
  }

  /** In a notebook that is not trusted, whoever wrote it would choose the code. */
  #offerRun(): void {
    this.#session.setCell(this.#model?.trusted ? this.#findCell(this.node) : null);
  }
}
