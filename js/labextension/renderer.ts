/** Draws a saved reply in a notebook's output, without a kernel. */

import type { MimeModel, MimeRenderer, RendererFactory } from "@jupyterlab/rendermime";
import { Widget } from "@lumino/widgets";
import { h, render } from "preact";
import { INSPECTION_MIMETYPE } from "../core/inspection";
import { REPLY_MIMETYPE } from "../core/protocol";
import { mount } from "../view/mount";
import { typesetterFrom } from "../view/typesetting";
import { SavedAnswer } from "./answer";
import type { FindCell } from "./cells";
import type { FocusKeeper } from "./focus";
import { SavedInspection } from "./SavedInspection";
import { SavedView } from "./SavedView";
import { savedVersions } from "./saved";

const typeset = typesetterFrom(() => import("../math"));

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

  constructor(findCell: FindCell) {
    super();
    this.#findCell = findCell;
    this.addClass("nbs-output");
  }

  async renderModel({ data }: MimeModel): Promise<void> {
    this.#saved = data[INSPECTION_MIMETYPE];
    if (this.node.isConnected) this.#draw();
  }

  override dispose(): void {
    render(null, this.node);
    super.dispose();
  }

  protected override onAfterAttach(): void {
    this.#draw();
  }

  #draw(): void {
    render(h(SavedInspection, { saved: this.#saved, cell: this.#findCell(this.node) }), this.node);
  }
}

/** JupyterLab keeps the instance and calls `renderModel` again when the output is updated. */
class ReplyRenderer extends Widget implements MimeRenderer {
  readonly #answer = new SavedAnswer();
  readonly #findCell: FindCell;
  readonly #focus: FocusKeeper;
  /** In a notebook that the user has not trusted, whoever wrote it would choose the code that Retry runs. */
  #trusted = false;
  #unmount: (() => void) | undefined;

  constructor(findCell: FindCell, focus: FocusKeeper) {
    super();
    this.#findCell = findCell;
    this.#focus = focus;
    this.addClass("nbs-output");
  }

  async renderModel({ data, metadata, trusted }: MimeModel): Promise<void> {
    this.#trusted = trusted;
    this.#answer.load(savedVersions(data[REPLY_MIMETYPE], metadata.nbstream));
    this.#draw();
  }

  override dispose(): void {
    this.#unmount?.();
    super.dispose();
  }

  /** Only now is it known whether the output stands in a notebook cell. */
  protected override onAfterAttach(): void {
    if (this.#unmount) this.#draw();
  }

  #draw(): void {
    const cell = this.#findCell(this.node);
    const view = h(SavedView, { answer: this.#answer, cell, trusted: this.#trusted });
    this.#unmount = mount(this.node, typeset, view);
    this.#focus.handOver(this.node);
  }
}
