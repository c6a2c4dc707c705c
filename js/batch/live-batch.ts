/** The front end of one batch: passes messages between Python and the state that the views show. */

import { type Signal, signal } from "@preact/signals";
import type { BatchCommands, BatchSnapshot, Exchange, FromBatch } from "../core/batch-protocol";
import { BatchStore } from "../core/batch-store";
import type { Place } from "../core/protocol";
import { interruptKernel } from "../kernel/interrupt";
import { Patience } from "../kernel/patience";
import { Refused, Requests } from "../kernel/requests";
import { StopController } from "../kernel/stop";
import { type LiveTable, liveBatches } from "../page/live-batches";
import { mountBatch } from "./BatchView";
import type { BatchModel } from "./model";
import { RowSearch } from "./search";
import { type Action, type BatchSession, isRunning, newViewState } from "./session";

const MOST_PAGES = 2 ** 20;
const COMMANDS_OF_A_PAGE = 2 ** 20;
const UNSENT = "The kernel did not receive the command.";
/** Between requests for rows, in ms: a Jupyter server drops output above 1 MB a second. */
const BETWEEN_REQUESTS = 250;
/** Between two reports of what was applied, in ms. */
const SEEN_INTERVAL = 1000;
/** Between two searches among rows that have changed, in ms. */
const SEARCH_INTERVAL = 1000;
const RETRIED = "The answers are stored. Run the cell again to get them in its table.";

const EMPTY: BatchSnapshot = {
  v: 1,
  id: "",
  seq: 0,
  total: 0,
  begun: false,
  figures: {
    phase: "new",
    answered: 0,
    failed: 0,
    cut: 0,
    stored: 0,
    in_flight: 0,
    input: 0,
    output: 0,
    rate: null,
    seconds_left: null,
    cost: 0,
    expected_cost: null,
    errors: [],
    jobs: null,
    problem: "",
    written: 0,
  },
};

export class LiveBatch implements BatchSession, LiveTable {
  readonly id: string;
  readonly place: Place;
  readonly restored: boolean;
  readonly store: BatchStore;
  readonly stop: StopController;
  readonly view = newViewState();
  readonly notice: Signal<string> = signal("");
  readonly lost: Signal<boolean> = signal(false);
  readonly #search: RowSearch;
  readonly #patience = new Patience();
  readonly #requests: Requests<BatchCommands>;
  /** Pages of one kernel number their commands from different numbers, so that it names the page as well. */
  readonly #page: string;
  readonly #inSight = new Map<object, readonly number[]>();
  /** Rows whose texts were requested and have not arrived. */
  readonly #requested = new Set<number>();
  #shown = "";
  /** Whether no cell waits for the run: an interrupt would end another cell. */
  #inBackground = false;
  #pulling = 0;
  #searching: ReturnType<typeof setTimeout> | undefined;
  #seeing: ReturnType<typeof setTimeout> | undefined;
  #views = 0;
  #isKept = false;

  constructor(model: BatchModel) {
    const first = 1 + Math.floor(Math.random() * MOST_PAGES) * COMMANDS_OF_A_PAGE;
    this.#page = String(first);
    this.#requests = new Requests((command) => model.send(command), first);
    const snapshot = snapshotOf(model) ?? EMPTY;
    this.id = snapshot.id;
    this.place = model.get("place");
    this.restored = model.get("restored");
    this.store = new BatchStore(snapshot, {
      resync: () => this.#requests.send({ name: "resync" }),
      lack: () => void this.#pull(),
    });
    this.stop = new StopController({
      request: () => this.#requests.request({ name: "stop" }),
      interrupt: () => interruptKernel(model.get("kernel_id")),
      running: () => isRunning(this.store) && !this.#inBackground,
    });
    this.#search = new RowSearch((text, where) => this.#requests.request({ name: "search", text, ...where }));
    this.store.figures.subscribe(({ phase }) => {
      if (phase === "running" || phase === "ended") this.stop.rest();
    });
    this.store.version.subscribe(() => this.#searchAgain());
    model.on("msg:custom", (message) => this.#receive(message));
    model.on("change:snapshot", () => {
      const snapshot = snapshotOf(model);
      if (snapshot) this.store.applySnapshot(snapshot);
    });
    model.on("comm_live_update", () => this.lose());
    if (snapshot.begun) void this.#pull();
    if (this.id === "") return;
    liveBatches.add(this);
    this.#followWrites();
  }

  get isOver(): boolean {
    return this.store.figures.peek().phase === "ended";
  }

  get written(): number {
    return this.store.figures.peek().written;
  }

  keep(): void {
    this.#isKept = true;
    this.#requests.send({ name: "keep" });
  }

  output() {
    return this.#requests.request({ name: "output" });
  }

  /** A page that shows the batch outside of notebooks does not know whether it is saved. */
  release(): void {
    if (this.#isKept) this.#requests.send({ name: "release" });
    this.#isKept = false;
  }

  get hits() {
    return this.#search.hits;
  }

  get overdue() {
    return this.#patience.overdue;
  }

  act(name: Action): void {
    this.notice.value = "";
    const isLate = this.store.figures.peek().phase === "ended";
    this.#inBackground ||= isLate;
    const answer = this.#requests.request({ name });
    this.#patience.watch(answer);
    answer.then(
      () => {
        if (isLate) this.notice.value = RETRIED;
      },
      (error) => {
        this.notice.value = error instanceof Refused ? error.message : UNSENT;
      },
    );
  }

  find(text: string): void {
    this.store.takeFresh();
    this.#search.begin(text, this.store.total).catch((error) => console.debug("nbstream:", error));
  }

  /** Rows that have ended since a search began are searched as well. */
  #searchAgain(): void {
    if (this.#search.hits.peek() === null || this.#searching !== undefined) return;
    this.#searching = setTimeout(() => {
      this.#searching = undefined;
      const rows = this.store.takeFresh();
      this.#search.again(rows).catch((error) => console.debug("nbstream:", error));
    }, SEARCH_INTERVAL);
  }

  exchange(row: number): Promise<Exchange> {
    return this.#requests.request({ name: "exchange", row });
  }

  show(view: object, rows: readonly number[]): void {
    this.#inSight.set(view, rows);
    const wanted = [...new Set([...this.#inSight.values()].flat())].sort((one, other) => one - other);
    const lacking = wanted.filter((row) => !this.store.text(row) && !this.#requested.has(row));
    const key = wanted.join();
    if ((key === this.#shown && lacking.length === 0) || this.lost.peek()) return;
    this.#shown = key;
    for (const row of lacking) this.#requested.add(row);
    this.#requests
      .request({ name: "show", page: this.#page, rows: wanted, lacking })
      .then(({ texts }) => {
        for (const row of lacking) this.#requested.delete(row);
        this.store.takeTexts(texts);
      })
      .catch((error) => console.debug("nbstream:", error));
  }

  /** The output in the notebook is an earlier one then. */
  #followWrites(): void {
    let last = this.written;
    this.store.figures.subscribe(({ written }) => {
      if (written !== last) liveBatches.changed();
      last = written;
    });
  }

  /** Draws a view into `el`; the returned function removes it. */
  mount(el: HTMLElement): () => void {
    const unmount = mountBatch(el, this);
    this.#views += 1;
    return () => {
      unmount();
      this.#inSight.delete(el);
      this.#views -= 1;
      if (this.#views === 0) this.#leave();
    };
  }

  /** The notebook was closed, or the output is drawn again: then the kernel still answers. */
  #leave(): void {
    liveBatches.remove(this);
    this.#shown = "";
    this.#requests.request({ name: "gone", page: this.#page }).then(
      () => this.id !== "" && liveBatches.add(this),
      (error) => console.debug("nbstream:", error),
    );
  }

  /** The kernel sends nothing more. */
  lose(): void {
    this.lost.value = true;
    this.#requests.lose();
    this.stop.rest();
    liveBatches.remove(this);
  }

  /** Requests all rows, some thousands at a time. A later pull ends an earlier one. */
  async #pull(): Promise<void> {
    this.#pulling += 1;
    const own = this.#pulling;
    let from: number | null = 0;
    try {
      while (from !== null && own === this.#pulling) {
        if (from > 0) await new Promise((resolve) => setTimeout(resolve, BETWEEN_REQUESTS));
        const page: { rows: BatchColumns; next: number | null } = await this.#requests.request({
          name: "rows",
          from,
        });
        this.store.takeRows(page.rows);
        from = page.next;
      }
    } catch (error) {
      console.debug("nbstream:", error);
    }
  }

  #receive(message: FromBatch): void {
    if (this.#requests.receive(message)) return;
    if (message.t === "snapshot") this.store.applySnapshot(message.state);
    else {
      this.store.apply(message);
      this.#seenSoon();
    }
  }

  #seenSoon(): void {
    this.#seeing ??= setTimeout(() => {
      this.#seeing = undefined;
      if (!this.lost.peek()) this.#requests.send({ name: "seen", seq: this.store.seq });
    }, SEEN_INTERVAL);
  }
}

type BatchColumns = ReturnType<BatchCommands["rows"]>["rows"];

function snapshotOf(model: BatchModel): BatchSnapshot | null {
  const snapshot = model.get("snapshot");
  return snapshot.v === 1 ? (snapshot as BatchSnapshot) : null;
}
