/** Draws a saved reply in a notebook's output, without a kernel. */

import type { MimeModel, MimeRenderer, RendererFactory } from "@jupyterlab/rendermime";
import { Widget } from "@lumino/widgets";
import { INSPECTION_MIMETYPE } from "../core/inspection";
import { REPLY_MIMETYPE } from "../core/protocol";
import { type LiveReply, liveReplies } from "../page/live-replies";
import type { FindCell } from "./cells";
import { WIDGET_MIMETYPE } from "./chats/notebook-chats";
import { whenNear } from "./drawn-nearby";
import type { FocusKeeper } from "./focus";
import { isUnfinished, replyId } from "./keeping/replies";
import { isNewer, NEWER } from "./newer";
import { plainText } from "./plain-text";
import type { SavedOutput } from "./saved-output";
import { multiline } from "./text-lines";

let drawing: typeof import("./saved-output") | undefined;

/** A page without answers does not load the code that draws them. */
export async function loadDrawing(): Promise<typeof import("./saved-output")> {
  drawing ??= await import("./saved-output");
  return drawing;
}

export function replyRendererFactory(findCell: FindCell, focus: FocusKeeper): RendererFactory {
  return {
    safe: true,
    mimeTypes: [REPLY_MIMETYPE],
    createRenderer: () => new ReplyRenderer(findCell, focus),
  };
}

export function inspectionRendererFactory(findCell: FindCell): RendererFactory {
  return {
    safe: true,
    mimeTypes: [INSPECTION_MIMETYPE],
    createRenderer: () => new InspectionRenderer(findCell),
  };
}

/** The newest format of a saved inspector that can be read. */
const INSPECTION_VERSION = 1;

/** Draws the inspector once it is in its cell, whose kernel may have more rows. */
class InspectionRenderer extends Widget implements MimeRenderer {
  readonly #findCell: FindCell;
  #saved: unknown;
  #text = "";
  #unmount: (() => void) | undefined;

  constructor(findCell: FindCell) {
    super();
    this.#findCell = findCell;
    this.addClass("nbs-output");
  }

  async renderModel({ data }: MimeModel): Promise<void> {
    this.#saved = data[INSPECTION_MIMETYPE];
    this.#text = multiline(data["text/markdown"]);
    if (this.node.isConnected) await this.#draw();
  }

  override dispose(): void {
    this.#unmount?.();
    super.dispose();
  }

  protected override onAfterAttach(): void {
    void this.#draw();
  }

  async #draw(): Promise<void> {
    const newer = isNewer(this.#saved, INSPECTION_VERSION);
    const [{ mountInspection }, { mountText }] = await Promise.all([
      import("./SavedInspection"),
      import("./MarkdownText"),
    ]);
    if (this.isDisposed) return;
    if (newer) this.#unmount = mountText(this.node, this.#text, NEWER);
    else this.#unmount = mountInspection(this.node, { saved: this.#saved, cell: this.#findCell(this.node) });
  }
}

/** How long a new output waits for the code of its live view, in ms. */
const PATIENCE = 2000;

/**
 * Draws an answer: live while it streams into this page, otherwise as saved in the notebook. JupyterLab
 * keeps the instance and calls `renderModel` again when the output is updated.
 */
class ReplyRenderer extends Widget implements MimeRenderer {
  readonly #findCell: FindCell;
  readonly #focus: FocusKeeper;
  readonly #unwatch: () => void;
  readonly #made = performance.now();
  #model: MimeModel | undefined;
  #output: SavedOutput | undefined;
  #live: LiveReply | undefined;
  #hide: (() => void) | undefined;
  /** Ends the wait of an answer that is outside the window. */
  #draws: (() => void) | undefined;
  #waiting: MimeModel | undefined;

  constructor(findCell: FindCell, focus: FocusKeeper) {
    super();
    this.#findCell = findCell;
    this.#focus = focus;
    this.#unwatch = liveReplies.watch(() => void this.#draw());
    this.addClass("nbs-output");
  }

  async renderModel(model: MimeModel): Promise<void> {
    this.#model = model;
    await this.#draw();
  }

  override dispose(): void {
    this.#unwatch();
    this.#clear();
    super.dispose();
  }

  /** Before this it is not known whether the output is in a notebook cell. */
  protected override onAfterAttach(): void {
    if (this.#output) {
      this.#output.draw();
      this.#focus.handOver(this.node);
    } else if (this.#model && !this.#live) void this.#draw();
  }

  async #draw(): Promise<void> {
    if (!this.#model || this.isDisposed) return;
    const live = this.#liveReply();
    if (live) this.#showLive(live);
    else if (this.#isExpected()) setTimeout(() => void this.#draw(), PATIENCE);
    else if (this.#live || this.#output) await this.#showSaved();
    else this.#showLater();
  }

  /** Shows the text of an answer that nobody may ever scroll to, so that it can be searched. */
  #showLater(): void {
    const model = this.#model as MimeModel;
    if (model !== this.#waiting) {
      this.#clear();
      this.#waiting = model;
      const text = document.createElement("pre");
      text.className = "nbs-later";
      text.textContent = plainText(multiline(model.data["text/markdown"] ?? model.data["text/plain"]));
      this.node.append(text);
      void loadDrawing(); // so that it is drawn at once
    }
    if (this.node.isConnected) this.#draws ??= whenNear(this.node, () => void this.#showSaved());
  }

  /** In a notebook that is not trusted, its author would choose which reply is drawn. */
  #liveReply(): LiveReply | undefined {
    const model = this.#model as MimeModel;
    const id = replyId(model);
    return model.trusted && isUnfinished(model) && typeof id === "string" ? liveReplies.find(id) : undefined;
  }

  /** Whether the output names a widget that does not exist yet. */
  #isExpected(): boolean {
    const { data } = this.#model as MimeModel;
    return WIDGET_MIMETYPE in data && !this.#live && performance.now() < this.#made + PATIENCE;
  }

  #showLive(live: LiveReply): void {
    if (this.#live === live) return;
    this.#clear();
    this.#live = live;
    this.#hide = live.show(this.node);
  }

  async #showSaved(): Promise<void> {
    const model = this.#model as MimeModel;
    // Drawn at once if possible: the replacement of the live view would be empty until then.
    const { SavedOutput } = drawing ?? (await loadDrawing());
    if (this.isDisposed || model !== this.#model) return;
    if (!this.#output) this.#clear();
    this.#output ??= new SavedOutput(this.node, this.#findCell);
    this.#output.show(model);
    this.#focus.handOver(this.node);
  }

  #clear(): void {
    this.#draws?.();
    this.#hide?.();
    this.#output?.dispose();
    this.node.querySelector(":scope > .nbs-later")?.remove();
    this.#draws = this.#waiting = this.#live = this.#hide = this.#output = undefined;
  }
}
