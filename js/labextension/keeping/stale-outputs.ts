/** Marks stale answers in the outputs of a notebook, so that its file shows them without a kernel. */

import type { NotebookPanel } from "@jupyterlab/notebook";
import type { ReadonlySignal } from "@preact/signals-core";
import { REPLY_MIMETYPE } from "../../core/protocol";
import { record } from "../fields";
import { request } from "../kernel/comm";
import { allPlaces, type OutputPlace, outputAt, write } from "./places";
import { isUnfinished, replyId } from "./replies";
import { isWriter } from "./writer";

export class StaleOutputs {
  readonly #panel: NotebookPanel;
  readonly #cells: ReadonlySignal<ReadonlySet<string> | null>;
  #due = false;

  /** @param cells the stale cells; null until a kernel has reported them */
  constructor(panel: NotebookPanel, cells: ReadonlySignal<ReadonlySet<string> | null>) {
    this.#panel = panel;
    this.#cells = cells;
    panel.disposed.connect(cells.subscribe(() => this.update()));
  }

  /** Schedules one replacement of all outputs that disagree with the kernel. */
  update(): void {
    if (this.#due) return;
    this.#due = true;
    setTimeout(() => {
      this.#due = false;
      if (!this.#panel.isDisposed) this.#replaceOthers();
    });
  }

  #replaceOthers(): void {
    const cells = this.#cells.peek();
    if (!cells || !isWriter(this.#panel, null)) return;
    for (const [reply, places] of allPlaces([this.#panel], replyId)) {
      const place = places.find((place) => saysOther(place, cells));
      if (place && typeof reply === "string") void this.#replace(place.cell.sharedModel.getId(), reply);
    }
  }

  /** The kernel returns the output. If it does not know the answer, the output stays. */
  async #replace(cell: string, reply: string): Promise<void> {
    const output = await request(this.#panel.sessionContext, { name: "output", cell, reply }).catch(
      () => null,
    );
    if (!output || this.#panel.isDisposed) return;
    for (const place of allPlaces([this.#panel], replyId).get(reply) ?? []) {
      if (place.cell.sharedModel.getId() === cell && !isUnfinished(outputAt(place))) write(place, output);
    }
  }
}

function saysOther(place: OutputPlace, cells: ReadonlySet<string>): boolean {
  const output = outputAt(place);
  const says = record(output.data[REPLY_MIMETYPE]).stale === true;
  return !isUnfinished(output) && says !== cells.has(place.cell.sharedModel.getId());
}
