/** Draws a saved reply in a notebook's output, without a kernel. */

import type { MimeModel, MimeRenderer, RendererFactory } from "@jupyterlab/rendermime";
import { Widget } from "@lumino/widgets";
import { INSPECTION_MIMETYPE } from "../core/inspection";
import { REPLY_MIMETYPE } from "../core/protocol";
import type { FindCell } from "./cells";
import type { FocusKeeper } from "./focus";
import type { SavedOutput } from "./saved-output";

let drawing: typeof import("./saved-output") | undefined;

/** A page in which no answer is shown does without the code that draws one. */
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

/** Draws a look into a stream, once it stands in its cell, whose kernel may have more of it. */
class InspectionRenderer extends Widget implements MimeRenderer {
  readonly #findCell: FindCell;
  #saved: unknown;
  #unmount: (() => void) | undefined;

  constructor(findCell: FindCell) {
    super();
    this.#findCell = findCell;
    this.addClass("nbs-output");
  }

  async renderModel({ data }: MimeModel): Promise<void> {
    this.#saved = data[INSPECTION_MIMETYPE];
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
    const { mountInspection } = await import("./SavedInspection");
    if (this.isDisposed) return;
    this.#unmount = mountInspection(this.node, { saved: this.#saved, cell: this.#findCell(this.node) });
  }
}

/** JupyterLab keeps the instance and calls `renderModel` again when the output is updated. */
class ReplyRenderer extends Widget implements MimeRenderer {
  readonly #findCell: FindCell;
  readonly #focus: FocusKeeper;
  #output: SavedOutput | undefined;

  constructor(findCell: FindCell, focus: FocusKeeper) {
    super();
    this.#findCell = findCell;
    this.#focus = focus;
    this.addClass("nbs-output");
  }

  async renderModel(model: MimeModel): Promise<void> {
    // Drawn at once where that is possible: what took the place of the live view would be empty until then.
    const { SavedOutput } = drawing ?? (await loadDrawing());
    if (this.isDisposed) return;
    this.#output ??= new SavedOutput(this.node, this.#findCell);
    this.#output.show(model);
    this.#focus.handOver(this.node);
  }

  override dispose(): void {
    this.#output?.dispose();
    super.dispose();
  }

  /** Only now is it known whether the output stands in a notebook cell. */
  protected override onAfterAttach(): void {
    this.#output?.draw();
    this.#focus.handOver(this.node);
  }
}
