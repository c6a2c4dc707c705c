/** Draws the tokens of an answer with their probabilities, in an output. */

import type { MimeModel, MimeRenderer, RendererFactory } from "@jupyterlab/rendermime";
import { Widget } from "@lumino/widgets";

export const LOGPROBS_MIMETYPE = "application/vnd.nbstream.logprobs+json";

export const logprobsRendererFactory: RendererFactory = {
  safe: true,
  mimeTypes: [LOGPROBS_MIMETYPE],
  createRenderer: () => new LogprobsRenderer(),
};

class LogprobsRenderer extends Widget implements MimeRenderer {
  #unmount: (() => void) | undefined;

  constructor() {
    super();
    this.addClass("nbs-output");
  }

  async renderModel({ data }: MimeModel): Promise<void> {
    const { mountTokens } = await import("./SavedTokens");
    if (this.isDisposed) return;
    this.#unmount?.();
    this.#unmount = mountTokens(this.node, data[LOGPROBS_MIMETYPE]);
  }

  override dispose(): void {
    this.#unmount?.();
    super.dispose();
  }
}
