/** Updates the output of one reply: the partial answer while it streams, and the complete one at its end. */

import type { NotebookPanel, NotebookTracker } from "@jupyterlab/notebook";
import { isOver } from "../../core/store";
import type { LiveReply, Output } from "../../page/live-replies";
import {
  allPlaces,
  codeCells,
  holds,
  insert,
  isUnfinished,
  type OutputPlace,
  outputAt,
  panelsOf,
  write,
} from "./places";
import { originOf, unfinishedData, unfinishedMetadata } from "./unfinished";
import { isWriter } from "./writer";

/** Minimum time between two writes, in ms. */
const SHORTEST = 2000;
/** The time between writes grows as this share of the answer's age: each write repeats the whole text. */
const SHARE = 1 / 8;
/** How long to wait for the kernel's last output, in ms. */
const PATIENCE = 1500;

export class KeptReply {
  readonly #reply: LiveReply;
  readonly #tracker: NotebookTracker;
  readonly #began = performance.now();
  #writtenAt = 0;
  #overSince = 0;
  #asked = false;
  /** Whether its output has been in a notebook. */
  #seen = false;

  constructor(reply: LiveReply, tracker: NotebookTracker) {
    this.#reply = reply;
    this.#tracker = tracker;
  }

  /** Called about once a second; `places` are the outputs of the reply. */
  tick(places: readonly OutputPlace[]): void {
    if (places.length > 0) this.#meet();
    else this.#look();
    if (this.#isOver) this.#end(places);
    else if (performance.now() >= this.#writtenAt + this.#distance()) this.#writeWhatCame(places);
    if (places.some(({ panel }) => panel.context.model.collaborative)) this.#releaseIfStored(places);
  }

  /** A notebook is about to be saved: write the complete received text. */
  beforeSave(panel: NotebookPanel): void {
    this.#writeWhatCame(this.#placesIn(panel));
  }

  /** A notebook was saved. */
  afterSave(panel: NotebookPanel): void {
    this.#releaseIfStored(this.#placesIn(panel));
  }

  /** The kernel of a notebook has ended. */
  kernelEnded(panel: NotebookPanel): void {
    if (this.#placesIn(panel).length > 0) this.#reply.lose();
  }

  /** The reply has ended. */
  drop(): void {
    this.#writeWhatCame(this.#places());
  }

  /** Whether the output would be in a notebook by now, if this page showed it in one. */
  get #isElsewhere(): boolean {
    const overFor = this.#overSince === 0 ? 0 : performance.now() - this.#overSince;
    return !this.#reply.restored && overFor >= PATIENCE;
  }

  get #isOver(): boolean {
    return isOver(this.#reply.snapshot().status);
  }

  #places(): readonly OutputPlace[] {
    return allPlaces(panelsOf(this.#tracker)).get(this.#reply.id) ?? [];
  }

  #placesIn(panel: NotebookPanel): readonly OutputPlace[] {
    return this.#places().filter((place) => place.panel === panel);
  }

  #distance(): number {
    return Math.max(SHORTEST, (performance.now() - this.#began) * SHARE);
  }

  #meet(): void {
    if (!this.#seen) this.#reply.keep();
    this.#seen = true;
  }

  #writeWhatCame(places: readonly OutputPlace[]): void {
    this.#writtenAt = performance.now();
    const open = this.#openPlaces(places);
    if (open.length === 0) return;
    const snapshot = this.#reply.snapshot();
    const data = unfinishedData(snapshot, this.#reply.inert());
    for (const place of open) {
      write(place, { data, metadata: unfinishedMetadata(snapshot, outputAt(place)) });
    }
  }

  /** The places that this page writes; a complete answer is written by the kernel. */
  #openPlaces(places: readonly OutputPlace[]): OutputPlace[] {
    const { page } = this.#reply.place;
    return places.filter((place) => isUnfinished(outputAt(place)) && isWriter(place.panel, page));
  }

  /**
   * The kernel replaces the output itself. If that did not reach the document, the writing page requests it;
   * another page takes over when that one closes.
   */
  #end(places: readonly OutputPlace[]): void {
    const now = performance.now();
    this.#overSince ||= now;
    const missing = this.#openPlaces(places).length > 0;
    if (!missing || this.#asked || now < this.#overSince + PATIENCE) return;
    this.#asked = true;
    this.#reply.output().then(
      (output) => this.#settle(output),
      (error) => console.debug("nbstream:", error),
    );
  }

  #settle(output: Output): void {
    this.#asked = false;
    const places = this.#places();
    for (const place of this.#openPlaces(places)) write(place, output);
    for (const { cell } of places) cell.executionCount ??= this.#reply.place.count;
  }

  /** The saved output of an ended answer no longer needs the kernel. */
  #releaseIfStored(places: readonly OutputPlace[]): void {
    if (places.length === 0 || !this.#isOver) return;
    if (places.every((place) => !isUnfinished(outputAt(place)))) this.#reply.release();
  }

  /**
   * There is no such output. If it was there before, the user deleted it; if it never was, the answer is shown
   * outside of notebooks. If the page was opened after the answer was displayed, the previous page did not save it.
   */
  #look(): void {
    if (this.#isOver && (this.#seen || this.#isElsewhere)) this.#reply.release();
    if (this.#seen || !this.#reply.restored || this.#reply.place.cell === null) return;
    for (const panel of panelsOf(this.#tracker)) this.#bringBack(panel);
  }

  #bringBack(panel: NotebookPanel): void {
    const { cell: id, page, run } = this.#reply.place;
    const cell = codeCells(panel).find(({ sharedModel }) => sharedModel.getId() === id);
    if (!cell || !isWriter(panel, page)) return;
    // The cell shows a later version, or another sample, which must not be removed.
    if (holds(cell, this.#reply.id)) return;
    const snapshot = { ...this.#reply.snapshot(), status: "streaming" as const };
    insert(cell, this.#reply.id, run, {
      output_type: "display_data",
      data: unfinishedData(snapshot, this.#reply.inert()),
      metadata: { nbstream: { id: this.#reply.id, ...originOf(snapshot) } },
    });
  }
}
