/** Draws code written by nbstream in an output, with a Copy button. */

import type { MimeModel, MimeRenderer, RendererFactory } from "@jupyterlab/rendermime";
import { Widget } from "@lumino/widgets";

export const CODE_MIMETYPE = "application/vnd.nbstream.code+json";

export const codeRendererFactory: RendererFactory = {
  safe: true,
  mimeTypes: [CODE_MIMETYPE],
  createRenderer: () => new CodeRenderer(),
};

/** The code is the output's plain text, so that the notebook contains it once. */
class CodeRenderer extends Widget implements MimeRenderer {
  #unmount: (() => void) | undefined;

  constructor() {
    super();
    this.addClass("nbs-output");
  }

  async renderModel({ data }: MimeModel): Promise<void> {
    const { mountCode } = await import("./SavedCode");
    if (this.isDisposed) return;
    this.#unmount?.();
    this.#unmount = mountCode(this.node, languageOf(data[CODE_MIMETYPE]), textOf(data["text/plain"]));
  }

  override dispose(): void {
    this.#unmount?.();
    super.dispose();
  }
}

function languageOf(saved: unknown): string {
  const known = typeof saved === "object" && saved !== null && "language" in saved ? saved.language : "";
  return known === "python" || known === "sh" ? known : "";
}

function textOf(text: unknown): string {
  const lines: unknown[] = Array.isArray(text) ? text : [text];
  return lines.filter((line) => typeof line === "string").join("");
}
