/**
 * One saved answer in an output. It includes the Markdown renderer, so it is imported only when there is an
 * answer.
 */

import type { MimeModel } from "@jupyterlab/rendermime";
import { h } from "preact";
import { REPLY_MIMETYPE } from "../core/protocol";
import { mount } from "../reply/mount";
import { typesetterFrom } from "../reply/typesetting";
import { SavedAnswer } from "./answer";
import type { FindCell } from "./cells";
import { MarkdownText } from "./MarkdownText";
import { isNewer, NEWER } from "./newer";
import { PACKED } from "./packing";
import { SavedView } from "./SavedView";
import { savedVersions } from "./saved";
import { multiline } from "./text-lines";

const typeset = typesetterFrom(() => import("../math"));

export class SavedOutput {
  readonly #answer = new SavedAnswer();
  readonly #host: HTMLElement;
  readonly #findCell: FindCell;
  /** In a notebook that the user has not trusted, its author would choose the code that Retry runs. */
  #trusted = false;
  #model: MimeModel | undefined;
  #unmount: (() => void) | undefined;

  constructor(host: HTMLElement, findCell: FindCell) {
    this.#host = host;
    this.#findCell = findCell;
  }

  /** Draws the output. */
  show(model: MimeModel): void {
    const { data, metadata, trusted } = model;
    this.#model = model;
    this.#trusted = trusted;
    this.#answer.load(savedVersions(data[REPLY_MIMETYPE], metadata.nbstream, data["text/markdown"]));
    this.draw();
  }

  /** Draws again, for example when the cell around the output is known. */
  draw(): void {
    this.#unmount = mount(this.#host, typeset, this.#newerText() ?? this.#view());
  }

  #view() {
    return h(SavedView, {
      answer: this.#answer,
      cell: this.#findCell(this.#host),
      trusted: this.#trusted,
      onChosen: (output) => this.#model?.setData(output),
    });
  }

  #newerText() {
    const data = this.#model?.data ?? {};
    if (!isNewer(data[REPLY_MIMETYPE], PACKED)) return null;
    return h(MarkdownText, { markdown: multiline(data["text/markdown"]), notice: NEWER });
  }

  dispose(): void {
    this.#unmount?.();
  }
}
