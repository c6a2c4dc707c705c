/** The state of a comparison in the front end: written only here, read by any number of views. */

import { batch, type ReadonlySignal, type Signal, signal } from "@preact/signals-core";
import type {
  Body,
  CellDetails,
  CellHead,
  CellStatus,
  CellsMessage,
  GridFigures,
  GridLayout,
  GridSnapshot,
} from "./grid-protocol";

const OVER = new Set<CellStatus>(["finished", "closed", "stopped", "failed", "skipped"]);

/** How many unusable messages to ignore before requesting another snapshot. */
const MESSAGES_PER_RESYNC = 32;

/** One answer. */
export class CellStore {
  readonly number: number;
  readonly #head: Signal<CellHead>;
  readonly #text = signal<string | null>(null);
  readonly #details = signal<CellDetails>({});

  constructor(number: number, head: CellHead) {
    this.number = number;
    this.#head = signal(head);
  }

  get head(): ReadonlySignal<CellHead> {
    return this.#head;
  }

  /** Null while the page lacks it. */
  get text(): ReadonlySignal<string | null> {
    return this.#text;
  }

  get details(): ReadonlySignal<CellDetails> {
    return this.#details;
  }

  get isOver(): boolean {
    return OVER.has(this.#head.value[0]);
  }

  setHead(head: CellHead): void {
    this.#head.value = head;
  }

  setBody(text: string | null, details: CellDetails): void {
    this.#text.value = text;
    this.#details.value = details;
  }

  setDetails(details: CellDetails): void {
    this.#details.value = details;
  }

  /** Adds text; returns false if text before it is missing. */
  append(offset: number, added: string): boolean {
    const text = this.#text.peek();
    if (text === null) return true;
    if (offset > text.length) return false;
    this.#text.value = text.slice(0, offset) + added;
    return true;
  }

  forgetText(): void {
    this.#text.value = null;
  }
}

export interface GridStoreOptions {
  /** A message is missing: the kernel should send a snapshot. */
  resync?: () => void;
  /** The texts of cells in sight have to be requested again. */
  lack?: () => void;
}

export class GridStore {
  readonly #layout: Signal<GridLayout>;
  readonly #figures: Signal<GridFigures>;
  readonly #cells: Signal<readonly CellStore[]>;
  readonly #options: GridStoreOptions;
  #seq: number;
  #unusable = 0;

  constructor(snapshot: GridSnapshot, options: GridStoreOptions = {}) {
    this.#options = options;
    this.#seq = snapshot.seq;
    this.#layout = signal(snapshot);
    this.#figures = signal(snapshot);
    this.#cells = signal(snapshot.cells.map((head, number) => new CellStore(number, head)));
  }

  get layout(): ReadonlySignal<GridLayout> {
    return this.#layout;
  }

  get figures(): ReadonlySignal<GridFigures> {
    return this.#figures;
  }

  /** In the order of rows, variants and answers. */
  get cells(): ReadonlySignal<readonly CellStore[]> {
    return this.#cells;
  }

  /** Replaces everything but the texts, which are requested again, unless the snapshot is an old one. */
  applySnapshot(snapshot: GridSnapshot): void {
    if (snapshot.seq < this.#seq) return;
    this.#seq = snapshot.seq;
    this.#unusable = 0;
    batch(() => {
      this.#layout.value = snapshot;
      this.#figures.value = snapshot;
      const known = this.#cells.peek();
      if (known.length === snapshot.cells.length) {
        for (const [number, head] of snapshot.cells.entries()) {
          known[number]?.setHead(head);
          known[number]?.forgetText();
        }
      } else {
        this.#cells.value = snapshot.cells.map((head, number) => new CellStore(number, head));
      }
    });
    this.#options.lack?.();
  }

  /** Applies a message; ignores a repeated one, and requests a snapshot after a gap. */
  apply(message: CellsMessage): void {
    if (message.seq <= this.#seq) return;
    if (message.seq > this.#seq + 1) {
      if (this.#unusable % MESSAGES_PER_RESYNC === 0) this.#options.resync?.();
      this.#unusable += 1;
      return;
    }
    this.#seq = message.seq;
    batch(() => this.#change(message));
  }

  /** Everything but the texts. */
  snapshot(): Omit<GridSnapshot, "id"> {
    const cells = this.#cells.peek().map(({ head }) => head.peek());
    return { ...this.#layout.peek(), ...this.#figures.peek(), v: 1, seq: this.#seq, cells };
  }

  /** The texts that were received of cells in sight, now or earlier. */
  bodies(): Body[] {
    return this.#cells.peek().flatMap(({ number, text, details }): Body[] => {
      const received = text.peek();
      return received === null ? [] : [[number, received, details.peek()]];
    });
  }

  /** Takes texts that were requested. */
  takeBodies(bodies: readonly Body[]): void {
    batch(() => {
      for (const [number, text, details] of bodies) this.#cells.peek()[number]?.setBody(text, details);
    });
  }

  #change({ texts = [], heads = [], details = [], figures }: CellsMessage): void {
    const cells = this.#cells.peek();
    for (const [number, head] of heads) cells[number]?.setHead(head);
    for (const [number, found] of details) cells[number]?.setDetails(found);
    if (figures) this.#figures.value = figures;
    const lacking = texts.filter(([number, offset, added]) => cells[number]?.append(offset, added) === false);
    for (const [number] of lacking) cells[number]?.forgetText();
    if (lacking.length > 0) this.#options.lack?.();
  }
}
