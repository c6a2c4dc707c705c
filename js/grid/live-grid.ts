/** The front end of one comparison: passes messages between Python and the state that the views show. */

import type { FromGrid, GridCommands, GridRequest, GridSnapshot } from "../core/grid-protocol";
import { GridStore } from "../core/grid-store";
import type { InspectorModule } from "../core/inspection";
import type { AssetName, Place } from "../core/protocol";
import { loadAsset } from "../kernel/assets";
import { interruptKernel } from "../kernel/interrupt";
import { type Buffers, Refused, Requests } from "../kernel/requests";
import { StopController } from "../kernel/stop";
import { type LiveComparison, liveGrids } from "../page/live-grids";
import type { Typesetter } from "../render";
import type { Inspectable } from "../reply/inspecting";
import { type MathModule, typesetterFrom } from "../reply/typesetting";
import { mountGrid } from "./GridView";
import type { GridModel } from "./model";
import { type GridSession, newViewState } from "./session";

const MOST_PAGES = 2 ** 20;
const COMMANDS_OF_A_PAGE = 2 ** 20;
/** How long the kernel may take to answer a page that shows the comparison no more, in ms. */
const PATIENCE = 2000;
const UNSENT = "The kernel did not receive the command.";

const EMPTY: GridSnapshot = {
  v: 1,
  seq: 0,
  variants: [],
  shared: [],
  rows: [],
  n: 1,
  checks: [],
  cells: [],
  columns: [],
  verdicts: [],
  baseline: 0,
  done: false,
  written: 0,
};

export class LiveGrid implements GridSession, LiveComparison {
  readonly id: string;
  readonly place: Place;
  readonly restored: boolean;
  readonly store: GridStore;
  readonly view = newViewState();
  readonly stop: StopController;
  readonly typeset: Typesetter;
  readonly #requests: Requests<GridCommands>;
  /** Pages of one kernel number their commands from different numbers, so that it names the page as well. */
  readonly #page: string;
  readonly #inSight = new Map<object, readonly number[]>();
  #shown: readonly number[] = [];
  #loading: Promise<InspectorModule> | undefined;
  #views = 0;
  #isKept = false;
  #isLost = false;

  constructor(model: GridModel) {
    const first = 1 + Math.floor(Math.random() * MOST_PAGES) * COMMANDS_OF_A_PAGE;
    this.#page = String(first);
    this.#requests = new Requests((command) => model.send(command), first);
    const snapshot = snapshotOf(model) ?? EMPTY;
    this.id = snapshot.id ?? "";
    this.place = model.get("place");
    this.restored = model.get("restored");
    this.store = new GridStore(snapshot, {
      resync: () => this.#requests.send({ name: "resync" }),
      lack: () => this.#request(),
    });
    this.stop = new StopController({
      request: () => this.#requests.request({ name: "stop" }),
      interrupt: () => interruptKernel(model.get("kernel_id")),
      running: () => !this.store.figures.peek().done,
    });
    this.store.figures.subscribe(({ done }) => done && this.stop.rest());
    this.typeset = typesetterFrom(() => this.#load<MathModule>("math"));
    model.on("msg:custom", (message, buffers) => this.#receive(message, buffers));
    model.on("change:snapshot", () => {
      const snapshot = snapshotOf(model);
      if (snapshot) this.store.applySnapshot(snapshot);
    });
    model.on("comm_live_update", () => this.lose());
    if (this.id === "") return;
    liveGrids.add(this);
    this.#followWrites();
  }

  get isOver(): boolean {
    return this.store.figures.peek().done;
  }

  get isLost(): boolean {
    return this.#isLost;
  }

  get written(): number {
    return this.store.figures.peek().written;
  }

  snapshot(): GridSnapshot {
    return { ...this.store.snapshot(), id: this.id };
  }

  bodies() {
    return this.store.bodies();
  }

  keep(): void {
    this.#isKept = true;
    this.#requests.send({ name: "keep" });
  }

  output() {
    return this.#requests.request({ name: "output" });
  }

  /** A page that shows the comparison outside of notebooks does not know whether it is saved. */
  release(): void {
    if (this.#isKept) this.#requests.send({ name: "release" });
    this.#isKept = false;
  }

  readonly send = (request: GridRequest): void => {
    this.view.notice.value = "";
    this.#requests.request(request).catch((error) => this.#refused(error));
  };

  readonly adopt = (cell: number): void => {
    this.#requests.request({ name: "adopt", cell }).then(
      ({ notice }) => {
        this.view.notice.value = notice;
      },
      (error) => this.#refused(error),
    );
  };

  inspectable(cell: number): Inspectable {
    return {
      id: `${this.id}/${cell}`,
      load: () => {
        this.#loading ??= this.#load<InspectorModule>("inspector");
        return this.#loading;
      },
      source: { pull: (from) => this.#requests.request({ name: "inspect", cell, from }) },
    };
  }

  show(view: object, numbers: readonly number[]): void {
    this.#inSight.set(view, numbers);
    this.#request();
  }

  /** Texts of streaming cells out of sight are not sent: they are requested again when they come into sight. */
  #request(): void {
    const wanted = new Set([...this.#inSight.values()].flat());
    const cells = this.store.cells.peek();
    for (const number of this.#shown) {
      const cell = cells[number];
      if (!wanted.has(number) && cell && !cell.isOver) cell.forgetText();
    }
    const numbers = [...wanted].sort((one, other) => one - other);
    this.#shown = numbers;
    const lacking = numbers.filter((number) => cells[number]?.text.peek() === null);
    this.#requests
      .request({ name: "show", page: this.#page, cells: numbers, lacking })
      // A cell that has left since then gets no more text, so that its text would be out of date.
      .then(({ bodies }) => this.store.takeBodies(bodies.filter(([number]) => this.#shown.includes(number))))
      .catch((error) => console.debug("nbstream:", error));
  }

  /** The output in the notebook is an earlier one then. */
  #followWrites(): void {
    let last = this.written;
    this.store.figures.subscribe(({ written }) => {
      if (written !== last) liveGrids.changed();
      last = written;
    });
  }

  #refused(error: unknown): void {
    this.view.notice.value = error instanceof Refused ? error.message : UNSENT;
  }

  /** Draws a view into `el`; the returned function removes it. */
  mount(el: HTMLElement): () => void {
    const unmount = mountGrid(el, this);
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
    const timer = setTimeout(() => liveGrids.remove(this), PATIENCE);
    this.#requests.request({ name: "gone", page: this.#page }).then(
      () => {
        clearTimeout(timer);
        if (this.id !== "" && !this.#isLost && !liveGrids.find(this.id)) liveGrids.add(this);
      },
      (error) => console.debug("nbstream:", error),
    );
  }

  /** The kernel sends nothing more. */
  lose(): void {
    this.#isLost = true;
    this.#requests.lose();
    this.stop.rest();
    liveGrids.remove(this);
  }

  #receive(message: FromGrid, buffers: Buffers): void {
    if (this.#requests.receive(message, buffers)) return;
    if (message.t === "snapshot") this.store.applySnapshot(message.state);
    else this.store.apply(message);
  }

  #load<Module>(name: AssetName): Promise<Module> {
    return loadAsset((request) => this.#requests.requestPacket(request), name);
  }
}

function snapshotOf(model: GridModel): GridSnapshot | null {
  const snapshot = model.get("snapshot");
  return snapshot.v === 1 ? (snapshot as GridSnapshot) : null;
}
