/**
 * The anywidget module: one reply, streamed from the kernel, shown in any number of views.
 *
 * The default export is a factory, called once per model, so that all views of a model share one store and
 * models share nothing.
 */

import type { InspectorModule } from "../core/inspection";
import type { AssetName, FromKernel, Place, ReplyCommands, Snapshot } from "../core/protocol";
import { EMPTY_SNAPSHOT, isOver, ReplyStore } from "../core/store";
import { loadAsset } from "../kernel/assets";
import { interruptKernel } from "../kernel/interrupt";
import { Patience } from "../kernel/patience";
import { type Buffers, Requests } from "../kernel/requests";
import { StopController } from "../kernel/stop";
import { type LiveReply, liveReplies } from "../page/live-replies";
import { savedView } from "../page/saved-view";
import type { Typesetter } from "../render";
import type { Inspectable } from "../reply/inspecting";
import { mountReply } from "../reply/ReplyView";
import { type MathModule, typesetterFrom } from "../reply/typesetting";
import { Keeping } from "./keeping";
import type { WidgetModel } from "./model";

export default () => {
  let reply: Reply | undefined;
  return {
    initialize({ model }: { model: WidgetModel }): void {
      reply = new Reply(model);
    },
    render({ el }: { el: HTMLElement }): (() => void) | undefined {
      return reply?.show(el);
    },
  };
};

class Reply implements LiveReply {
  readonly id: string;
  readonly place: Place;
  readonly restored: boolean;
  readonly #model: WidgetModel;
  readonly #store: ReplyStore;
  readonly #stopControl: StopController;
  readonly #requests: Requests<ReplyCommands>;
  readonly #decisions = new Patience();
  readonly #typeset: Typesetter;
  readonly #inspectable: Inspectable;
  readonly #keeping = new Keeping();
  #views = 0;

  constructor(model: WidgetModel) {
    this.#model = model;
    this.id = snapshotOf(model)?.id ?? "";
    this.place = model.get("place");
    this.restored = model.get("restored");
    this.#requests = new Requests((command) => model.send(command));
    this.#store = new ReplyStore(snapshotOf(model) ?? EMPTY_SNAPSHOT, {
      resync: () => this.#requests.send({ name: "resync" }),
    });
    this.#stopControl = new StopController({
      request: () => this.#requests.request({ name: "stop" }),
      interrupt: () => interruptKernel(model.get("kernel_id")),
      running: () => !this.isOver,
    });
    this.#typeset = typesetterFrom(() => this.#load<MathModule>("math"));
    this.#inspectable = {
      id: this.id,
      load: once(() => this.#load<InspectorModule>("inspector")),
      source: { pull: (from) => this.#requests.request({ name: "inspect", from }) },
    };
    model.on("msg:custom", (message, buffers) => this.#receive(message, buffers));
    model.on("change:snapshot", () => this.#restore());
    model.on("comm_live_update", () => this.lose());
    if (this.id !== "") liveReplies.add(this);
  }

  get isOver(): boolean {
    return isOver(this.#store.status.peek());
  }

  snapshot(): Snapshot {
    return this.#store.snapshot();
  }

  inert() {
    return this.#keeping.inert;
  }

  keep(): void {
    this.#requests.send({ name: "keep" });
  }

  output() {
    return this.#requests.request({ name: "output" });
  }

  lose(): void {
    this.#requests.lose();
    this.#stopControl.rest();
    this.#store.interrupt();
    liveReplies.remove(this);
  }

  release(): void {
    liveReplies.remove(this);
    this.#requests.send({ name: "gone" });
  }

  /** Draws a view into `el`; the returned function removes it. */
  show(el: HTMLElement): () => void {
    const unmount = mountReply(el, this.#typeset, {
      store: this.#store,
      stop: this.#stopControl,
      onDecide: (call, allow) =>
        this.#decisions.watch(this.#requests.request({ name: "approve", call, allow })),
      undecided: this.#decisions.overdue,
      onRate: (score, note) => this.#requests.request({ name: "rate", score, note }),
      inspectable: this.#inspectable,
    });
    this.#views += 1;
    void savedView.load?.();
    return () => {
      unmount();
      this.#views -= 1;
      // Python closes the widget when no view shows or saves it and the reply has ended. An answer may end before
      // the extension has looked at its output: the extension releases it when it is saved.
      if (this.#views === 0 && !liveReplies.areKept) this.#requests.send({ name: "gone" });
    };
  }

  #receive(message: FromKernel, buffers: Buffers): void {
    if (this.#requests.receive(message, buffers)) return;
    if (message.t === "frame") this.#store.applyFrame(message);
    else if (message.t === "snapshot") this.#store.applySnapshot(message.state);
    else if (message.t === "inert") this.#keeping.takeLines(message);
  }

  #load<Module>(name: AssetName): Promise<Module> {
    return loadAsset((request) => this.#requests.requestPacket(request), name);
  }

  #restore(): void {
    const snapshot = snapshotOf(this.#model);
    if (snapshot) this.#store.applySnapshot(snapshot);
  }
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function snapshotOf(model: WidgetModel): Snapshot | null {
  const snapshot = model.get("snapshot");
  return snapshot.v === 1 ? (snapshot as Snapshot) : null;
}
