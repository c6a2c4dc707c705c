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
import { SavedView } from "./SavedView";
import { savedVersions } from "./saved";

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
    const cell = this.#findCell(this.#host);
    const view = h(SavedView, {
      answer: this.#answer,
      cell,
      trusted: this.#trusted,
      onChosen: (output) => this.#model?.setData(output),
    });
    this.#unmount = mount(this.#host, typeset, view);
  }

  dispose(): void {
    this.#unmount?.();
  }
}
