/** Draws a saved reply in a notebook's output, without a kernel. */

import type { MimeModel, MimeRenderer, RendererFactory } from "@jupyterlab/rendermime";
import { Widget } from "@lumino/widgets";
import { REPLY_MIMETYPE } from "../core/protocol";
import { EMPTY_SNAPSHOT, ReplyStore } from "../core/store";
import { mountReply } from "../view/ReplyView";
import { typesetterFrom } from "../view/typesetting";
import { savedSnapshot } from "./saved";

/** Runs the cell around an element again; null where there is none that could be run. */
export type Rerun = (element: HTMLElement) => (() => void) | null;

export function replyRendererFactory(rerun: Rerun): RendererFactory {
  return {
    safe: true,
    mimeTypes: [REPLY_MIMETYPE],
    createRenderer: () => new ReplyRenderer(rerun),
  };
}

const typeset = typesetterFrom(() => import("../math"));

/** JupyterLab keeps the instance and calls `renderModel` again when the output is updated. */
class ReplyRenderer extends Widget implements MimeRenderer {
  readonly #store = new ReplyStore(EMPTY_SNAPSHOT);
  readonly #rerun: Rerun;
  #trusted = false;
  #updates = 0;
  #unmount = () => {};

  constructor(rerun: Rerun) {
    super();
    this.#rerun = rerun;
    this.addClass("nbs-output");
  }

  async renderModel({ data, metadata, trusted }: MimeModel): Promise<void> {
    const saved = savedSnapshot(data[REPLY_MIMETYPE], metadata.nbstream);
    this.#trusted = trusted;
    this.#updates += 1;
    this.#store.applySnapshot({ ...saved, seq: this.#updates });
    this.#draw();
  }

  override dispose(): void {
    this.#unmount();
    super.dispose();
  }

  /** Only now is it known whether the output stands in a notebook cell. */
  protected override onAfterAttach(): void {
    if (this.#updates > 0) this.#draw();
  }

  #draw(): void {
    // In a notebook that the user has not trusted, whoever wrote it would choose the code that Retry runs.
    const onRetry = this.#trusted ? this.#rerun(this.node) : null;
    this.#unmount = mountReply(this.node, { store: this.#store, onRetry: onRetry ?? undefined, typeset });
  }
}
