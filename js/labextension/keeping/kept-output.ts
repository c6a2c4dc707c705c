/** Updates one output: with what was received while it changes, and the complete one at its end. */

import type { NotebookPanel, NotebookTracker } from "@jupyterlab/notebook";
import type { LiveOutput, Output } from "../../page/live-outputs";
import type { Kind } from "./kind";
import { allPlaces, codeCells, holds, insert, type OutputPlace, outputAt, panelsOf, write } from "./places";
import { isWriter } from "./writer";

/** Minimum time between two writes, in ms. */
const SHORTEST = 2000;
/** The time between writes grows as this share of the output's age: each write repeats all of it. */
const SHARE = 1 / 8;
/** How long to wait for the kernel's last output, in ms. */
const PATIENCE = 1500;
/** The age at which an output that the page has a part of is first requested from the kernel, in ms. */
const FIRST_REQUEST = 2000;
/** It is requested again when it is this many times as old: what the kernel sends stays in proportion to it. */
const GROWTH = 2;
/** How long to wait for an answer first, in ms, then twice as long: a Jupyter server drops output above 1 MB a second. */
const ANSWER_WITHIN = 10_000;

export class KeptOutput {
  readonly #live: LiveOutput;
  readonly #kind: Kind;
  readonly #tracker: NotebookTracker;
  readonly #began = performance.now();
  #writtenAt = 0;
  #overSince = 0;
  /** When it may be requested again, by `performance.now`. */
  #requestFrom = 0;
  #answerWithin = ANSWER_WITHIN;
  /** The age at which to request it again before its end, in ms. */
  #requestAge: number;
  /** The last output from the kernel of a partial kind. */
  #known: Output | null = null;
  /** Whether it has been in a notebook. */
  #seen = false;
  #released = false;
  #isCurrent = false;

  constructor(live: LiveOutput, kind: Kind, tracker: NotebookTracker) {
    this.#live = live;
    this.#kind = kind;
    this.#tracker = tracker;
    this.#requestAge = live.restored ? 0 : FIRST_REQUEST;
  }

  /** Whether nothing has to be done until the kernel changes it again. */
  get isAtRest(): boolean {
    return this.#live.isOver && this.#released && this.#isCurrent;
  }

  isFor(live: LiveOutput): boolean {
    return this.#live === live;
  }

  /** Called about once a second; `places` are the outputs that show it. */
  tick(places: readonly OutputPlace[]): void {
    if (places.length > 0) this.#meet(places);
    else this.#look();
    this.#isCurrent = this.#isCurrentIn(places);
    if (this.#live.isOver) this.#end(places);
    else if (performance.now() >= this.#writtenAt + this.#distance()) this.#writeDraft(places);
    if (!this.#live.isOver) this.#requestMore(places);
    if (places.some(({ panel }) => panel.context.model.collaborative)) this.#releaseIfStored(places);
  }

  /** A notebook is about to be saved: write all that was received. */
  beforeSave(panel: NotebookPanel): void {
    this.#writeDraft(this.#placesIn(panel));
  }

  /** A notebook was saved. */
  afterSave(panel: NotebookPanel): void {
    this.#releaseIfStored(this.#placesIn(panel));
  }

  /** The kernel of a notebook has ended. */
  kernelEnded(panel: NotebookPanel): void {
    if (this.#placesIn(panel).length > 0) this.#live.lose();
  }

  /** Nothing more is received. */
  drop(): void {
    this.#writeDraft(this.#places());
  }

  /** Whether the output would be in a notebook by now, if this page showed it in one. */
  get #isElsewhere(): boolean {
    const overFor = this.#overSince === 0 ? 0 : performance.now() - this.#overSince;
    return !this.#live.restored && overFor >= PATIENCE;
  }

  get #age(): number {
    return performance.now() - this.#began;
  }

  #places(): readonly OutputPlace[] {
    return allPlaces(panelsOf(this.#tracker), this.#kind.idOf).get(this.#live.id) ?? [];
  }

  #placesIn(panel: NotebookPanel): readonly OutputPlace[] {
    return this.#places().filter((place) => place.panel === panel);
  }

  #distance(): number {
    return Math.max(SHORTEST, this.#age * SHARE);
  }

  #meet(places: readonly OutputPlace[]): void {
    if (this.#seen) return;
    this.#seen = true;
    if (this.#kind.isPartial) this.#known = places[0] ? outputAt(places[0]) : null;
    this.#live.keep();
  }

  #writeDraft(places: readonly OutputPlace[]): void {
    this.#writtenAt = performance.now();
    for (const place of this.#openPlaces(places)) {
      write(place, this.#kind.draft(this.#live, this.#known ?? outputAt(place)));
    }
  }

  /** The places with an unfinished output that this page writes; a complete output is written by the kernel. */
  #openPlaces(places: readonly OutputPlace[]): OutputPlace[] {
    return this.#ownPlaces(places).filter((place) => this.#kind.isUnfinished(outputAt(place)));
  }

  #ownPlaces(places: readonly OutputPlace[]): OutputPlace[] {
    const { page } = this.#live.place;
    return places.filter(({ panel }) => isWriter(panel, page));
  }

  #stalePlaces(places: readonly OutputPlace[]): OutputPlace[] {
    return this.#ownPlaces(places).filter((place) => !this.#kind.isCurrent(this.#live, outputAt(place)));
  }

  #isCurrentIn(places: readonly OutputPlace[]): boolean {
    return places.every((place) => this.#kind.isCurrent(this.#live, outputAt(place)));
  }

  /** Of a partial kind the kernel sends what the page lacks, as of now. */
  #requestMore(places: readonly OutputPlace[]): void {
    if (!this.#kind.isPartial || this.#age < this.#requestAge || this.#openPlaces(places).length === 0)
      return;
    this.#request();
  }

  /**
   * The kernel replaces the output itself. If that did not reach the document, the writing page requests it;
   * another page takes over when that one closes.
   */
  #end(places: readonly OutputPlace[]): void {
    const now = performance.now();
    if (this.#stalePlaces(places).length === 0) {
      if (places.length > 0) this.#overSince = 0;
      else this.#overSince ||= now;
      return;
    }
    this.#overSince ||= now;
    if (now >= this.#overSince + PATIENCE) this.#request();
  }

  #request(): void {
    const now = performance.now();
    if (now < this.#requestFrom) return;
    this.#requestFrom = now + this.#answerWithin;
    this.#answerWithin *= 2;
    this.#live.output().then(
      (output) => this.#take(output),
      (error) => {
        this.#requestFrom = Number.POSITIVE_INFINITY;
        console.debug("nbstream:", error);
      },
    );
  }

  #take(output: Output): void {
    this.#requestFrom = 0;
    this.#answerWithin = ANSWER_WITHIN;
    this.#requestAge = Math.max(FIRST_REQUEST, this.#age * GROWTH);
    const places = this.#places();
    if (this.#kind.isUnfinished(output)) {
      this.#known = output;
      this.#writeDraft(places);
      return;
    }
    for (const place of this.#stalePlaces(places)) write(place, output);
    for (const { cell } of places) cell.executionCount ??= this.#live.place.count;
  }

  /** The saved output of what has ended no longer needs the kernel. */
  #releaseIfStored(places: readonly OutputPlace[]): void {
    if (places.length > 0 && this.#live.isOver && this.#isCurrentIn(places)) this.#release();
  }

  #release(): void {
    this.#released = true;
    this.#live.release();
  }

  /**
   * There is no such output. If it was there before, the user deleted it; if it never was, it is shown
   * outside of notebooks. If the page was opened after it was displayed, the previous page did not save it.
   */
  #look(): void {
    if (this.#live.isOver && (this.#seen || this.#isElsewhere)) this.#release();
    if (this.#seen || !this.#live.restored || this.#live.place.cell === null) return;
    for (const panel of panelsOf(this.#tracker)) this.#bringBack(panel);
  }

  #bringBack(panel: NotebookPanel): void {
    const { cell: id, page, run } = this.#live.place;
    const cell = codeCells(panel).find(({ sharedModel }) => sharedModel.getId() === id);
    if (!cell || !isWriter(panel, page)) return;
    // The cell shows a later version, or another sample, which must not be removed.
    if (holds(cell, this.#live.id)) return;
    insert(cell, this.#live.id, run, {
      output_type: "display_data",
      ...this.#kind.draft(this.#live, null),
    });
  }
}
