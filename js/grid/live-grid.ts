/** The front end of one comparison: passes messages between Python and the state that the views show. */

import type { FromGrid, GridCommands, GridRequest, GridSnapshot } from "../core/grid-protocol";
import { GridStore } from "../core/grid-store";
import type { AssetName } from "../core/protocol";
import { loadAsset } from "../kernel/assets";
import { interruptKernel } from "../kernel/interrupt";
import { type Buffers, Refused, Requests } from "../kernel/requests";
import { StopController } from "../kernel/stop";
import { liveGrids, type ShownLive } from "../page/live-grids";
import type { Typesetter } from "../render";
import { type MathModule, typesetterFrom } from "../reply/typesetting";
import { mountGrid } from "./GridView";
import type { GridModel } from "./model";
import { type GridSession, newViewState } from "./session";

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
};

export class LiveGrid implements GridSession, ShownLive {
  readonly id: string;
  readonly store: GridStore;
  readonly view = newViewState();
  readonly stop: StopController;
  readonly typeset: Typesetter;
  readonly #requests: Requests<GridCommands>;
  #shown: readonly number[] = [];
  #views = 0;

  constructor(model: GridModel) {
    this.#requests = new Requests((command) => model.send(command));
    const snapshot = snapshotOf(model) ?? EMPTY;
    this.id = snapshot.id ?? "";
    this.store = new GridStore(snapshot, {
      resync: () => this.#requests.send({ name: "resync" }),
      lack: () => this.show(this.#shown),
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
    if (this.id !== "") liveGrids.add(this);
  }

  readonly send = (request: GridRequest): void => {
    this.view.failure.value = "";
    this.#requests.request(request).catch((error) => {
      this.view.failure.value = error instanceof Refused ? error.message : UNSENT;
    });
  };

  /** Texts of streaming cells out of sight are not sent: they are requested again when they come into sight. */
  show(numbers: readonly number[]): void {
    const cells = this.store.cells.peek();
    const wanted = new Set(numbers);
    for (const number of this.#shown) {
      const cell = cells[number];
      if (!wanted.has(number) && cell && !cell.isOver) cell.forgetText();
    }
    this.#shown = numbers;
    const lacking = numbers.filter((number) => cells[number]?.text.peek() === null);
    this.#requests
      .request({ name: "show", cells: [...numbers], lacking })
      // A cell that has left since then gets no more text, so that its text would be out of date.
      .then(({ bodies }) => this.store.takeBodies(bodies.filter(([number]) => this.#shown.includes(number))))
      .catch((error) => console.debug("nbstream:", error));
  }

  /** Draws a view into `el`; the returned function removes it. */
  mount(el: HTMLElement): () => void {
    const unmount = mountGrid(el, this);
    this.#views += 1;
    return () => {
      unmount();
      this.#views -= 1;
      if (this.#views === 0) this.#leave();
    };
  }

  /** The notebook was closed, or the output is drawn again: then the kernel still answers. */
  #leave(): void {
    liveGrids.remove(this);
    this.#requests.request({ name: "gone" }).then(
      () => this.id !== "" && liveGrids.add(this),
      (error) => console.debug("nbstream:", error),
    );
  }

  /** The kernel sends nothing more. */
  lose(): void {
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
