/** Draws a chat in an output: the live widget while its kernel runs, otherwise the chat saved in the notebook. */

import type { MimeModel, MimeRenderer, RendererFactory } from "@jupyterlab/rendermime";
import { Panel } from "@lumino/widgets";
import { CHAT_MIMETYPE } from "../../core/chat-protocol";
import { offerKeeper } from "../../page/chat-keeper";
import type { FindCell } from "../cells";
import { followKernel } from "../kernel/lifecycle";
import { modelId, type NotebookChats, WIDGET_MIMETYPE } from "./notebook-chats";
import { SavedChatWidget } from "./saved-widget";

/** `chats` is null outside of notebooks, where nothing is live. */
export function chatRendererFactory(findCell: FindCell, chats: NotebookChats | null): RendererFactory {
  return {
    safe: true,
    mimeTypes: [CHAT_MIMETYPE],
    createRenderer: () => new ChatRenderer(findCell, chats),
  };
}

/** The renderer of the live widget with this id, and the observer of its element. */
interface LiveWidget {
  readonly id: string;
  readonly renderer: MimeRenderer;
  readonly observer: MutationObserver;
}

/**
 * What the output shows.
 *
 * - `saved`: the saved chat; there is no live widget, or it ended.
 * - `awaiting`: the saved chat, until the view of the live widget appears.
 * - `live`: the live widget; `leave` disconnects it from the notebook.
 *
 * saved → awaiting (`wake`) → live (`#showLive`) → saved (`end`); a new widget in the output starts again at saved.
 */
type State =
  | { readonly kind: "saved" }
  | { readonly kind: "awaiting"; readonly widget: LiveWidget }
  | { readonly kind: "live"; readonly widget: LiveWidget; readonly leave: () => void };

const SAVED: State = { kind: "saved" };

class ChatRenderer extends Panel implements MimeRenderer {
  readonly #findCell: FindCell;
  readonly #chats: NotebookChats | null;
  readonly #unfollow: () => void;
  readonly #saved = new SavedChatWidget();
  /** Widgets that ended: their ids are not used again. */
  readonly #ended = new Set<string>();
  /** Null until the first `renderModel`. */
  #model: MimeModel | null = null;
  #state: State = SAVED;

  constructor(findCell: FindCell, chats: NotebookChats | null) {
    super();
    this.#findCell = findCell;
    this.#chats = chats;
    this.addClass("nbs-output");
    this.addWidget(this.#saved);
    this.#unfollow = chats ? followKernel(chats.panel.sessionContext, this) : () => {};
  }

  /** JupyterLab calls it for each update of the output, which each turn of the live chat causes. */
  async renderModel(model: MimeModel): Promise<void> {
    const before = this.#widgetId;
    this.#model = model;
    if (before !== this.#widgetId) this.#showSaved();
    else if (this.#state.kind !== "live") this.#drawSaved();
    this.wake();
  }

  /**
   * Waits for the live widget, if the kernel may have one. Not in a notebook that is not trusted: widgets are
   * code, and may have been saved in the notebook by somebody else.
   */
  wake(): void {
    const id = this.#widgetId;
    if (this.isDisposed || this.#state.kind !== "saved") return;
    if (!id || this.#ended.has(id) || !this.#model?.trusted) return;
    const renderer = this.#chats?.widgetRenderer();
    if (renderer) this.#await(id, renderer);
  }

  /** The kernel or the widget ended: shows the saved chat from now on. */
  end(): void {
    if (this.#widgetId) this.#ended.add(this.#widgetId);
    this.#showSaved();
  }

  override dispose(): void {
    this.#unfollow();
    this.#leaveWidget();
    super.dispose();
  }

  /** Before this it is not known whether the output is in a notebook cell. */
  protected override onAfterAttach(): void {
    this.#offerRun();
  }

  /** Id of the widget in the output. */
  get #widgetId(): string | null {
    return this.#model && modelId(this.#model.data);
  }

  #await(id: string, renderer: MimeRenderer): void {
    const observer = new MutationObserver(() => this.#onMutation());
    this.#state = { kind: "awaiting", widget: { id, renderer, observer } };
    renderer.hide();
    this.addWidget(renderer);
    this.#saved.addClass("nbs-awaiting");
    observer.observe(renderer.node, { childList: true, subtree: true });
    // A model without the output's `setData`: the widget manager writes into the model that it draws.
    const data = { [WIDGET_MIMETYPE]: { version_major: 2, version_minor: 0, model_id: id } };
    void renderer.renderModel({ data, metadata: {}, trusted: true, setData: () => {} });
  }

  /** The element of the live widget was added, or removed because the widget was closed. */
  #onMutation(): void {
    if (this.#state.kind === "saved") return;
    const { kind, widget } = this.#state;
    const view = widget.renderer.node.querySelector(".nbs-chat");
    if (view && kind === "awaiting") this.#showLive(widget, view);
    else if (!view && kind === "live") this.end();
  }

  #showLive(widget: LiveWidget, view: Element): void {
    const keeper = this.#chats?.keeper(widget.id);
    const leave = (keeper && offerKeeper(view, keeper)) ?? (() => {});
    this.#state = { kind: "live", widget, leave };
    // Only the removal of the view matters now, not changes inside it.
    widget.observer.disconnect();
    widget.observer.observe(widget.renderer.node, { childList: true });
    this.#saved.clear();
    widget.renderer.show();
  }

  #showSaved(): void {
    this.#leaveWidget();
    this.#drawSaved();
  }

  #leaveWidget(): void {
    if (this.#state.kind === "saved") return;
    const { widget } = this.#state;
    widget.observer.disconnect();
    if (this.#state.kind === "live") this.#state.leave();
    this.#state = SAVED;
    widget.renderer.dispose();
    this.#saved.removeClass("nbs-awaiting");
  }

  #drawSaved(): void {
    if (!this.#model) return;
    this.#saved.draw(this.#model);
    this.#offerRun();
  }

  /** Not in a notebook that is not trusted: its author would choose the code that runs. */
  #offerRun(): void {
    this.#saved.offerRun(this.#model?.trusted ? this.#findCell(this.node) : null);
  }
}
