/**
 * The anywidget module: one reply, streamed from the kernel, shown in any number of views.
 *
 * The default export is a factory, called once per model, so that all views of a model share one store and
 * models share nothing.
 */

import type { InspectionPage, InspectorModule } from "../core/inspection";
import type { AssetName, FromKernel, Place, Snapshot } from "../core/protocol";
import { EMPTY_SNAPSHOT, isOver, ReplyStore } from "../core/store";
import { ApprovalController } from "../kernel/approval";
import { Asset } from "../kernel/assets";
import { interruptKernel } from "../kernel/interrupt";
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
  readonly #approval: ApprovalController;
  readonly #math: Asset<MathModule>;
  readonly #typeset: Typesetter;
  readonly #inspector: Asset<InspectorModule>;
  readonly #inspectable: Inspectable;
  /** The kernel answers in the order in which it was asked. */
  readonly #inspections: ((page: InspectionPage) => void)[] = [];
  readonly #keeping: Keeping;
  #kept = false;
  #views = 0;

  constructor(model: WidgetModel) {
    this.#model = model;
    this.id = snapshotOf(model)?.id ?? "";
    this.place = model.get("place");
    this.restored = model.get("restored");
    this.#keeping = new Keeping((command) => model.send(command));
    this.#store = new ReplyStore(snapshotOf(model) ?? EMPTY_SNAPSHOT, {
      resync: () => model.send({ t: "resync" }),
    });
    this.#stopControl = new StopController({
      send: () => model.send({ t: "stop" }),
      interrupt: () => interruptKernel(model.get("kernel_id")),
      running: () => !isOver(this.#store.status.peek()),
    });
    this.#approval = new ApprovalController((call, allow) => model.send({ t: "approve", call, allow }));
    this.#math = new Asset("math", (request) => model.send(request));
    this.#typeset = typesetterFrom(() => this.#math.load());
    this.#inspector = new Asset("inspector", (request) => model.send(request));
    this.#inspectable = {
      id: this.id,
      load: once(() => this.#inspector.load()),
      source: { pull: (from) => this.#inspect(from) },
    };
    model.on("msg:custom", (message, buffers) => this.#receive(message, buffers));
    model.on("change:snapshot", () => this.#restore());
    model.on("comm_live_update", () => this.lose());
    if (this.id !== "") liveReplies.add(this);
  }

  snapshot(): Snapshot {
    return this.#store.snapshot();
  }

  inert() {
    return this.#keeping.inert;
  }

  keep(): void {
    this.#kept = true;
    this.#model.send({ t: "keep" });
  }

  output() {
    return this.#keeping.ask();
  }

  lose(): void {
    this.#stopControl.rest();
    this.#store.interrupt();
    liveReplies.remove(this);
  }

  release(): void {
    liveReplies.remove(this);
    this.#model.send({ t: "gone" });
  }

  /** Draws a view into `el`; the function it returns takes it away again. */
  show(el: HTMLElement): () => void {
    const unmount = mountReply(el, this.#typeset, {
      store: this.#store,
      stop: this.#stopControl,
      onDecide: (call, allow) => this.#approval.decide(call, allow),
      undecided: this.#approval.unheard,
      inspectable: this.#inspectable,
    });
    this.#views += 1;
    void savedView.load?.();
    return () => {
      unmount();
      this.#views -= 1;
      // Python closes the widget when nobody looks at it or keeps it any more and the reply is over.
      if (this.#views === 0 && !this.#kept) this.#model.send({ t: "gone" });
    };
  }

  #receive(message: FromKernel, buffers: readonly DataView<ArrayBuffer>[]): void {
    if (message.t === "frame") this.#store.applyFrame(message);
    else if (message.t === "snapshot") this.#store.applySnapshot(message.state);
    else if (message.t === "ack") (message.of === "stop" ? this.#stopControl : this.#approval).acknowledge();
    else if (message.t === "inert") this.#keeping.takeLines(message);
    else if (message.t === "output") this.#keeping.takeOutput(message);
    else if (message.t === "inspected") this.#inspections.shift()?.(message.page);
    else if (message.t === "asset") this.#assetNamed(message.name).receive(message, buffers);
  }

  #assetNamed(name: AssetName): Asset<unknown> {
    return name === "math" ? this.#math : this.#inspector;
  }

  #inspect(from: number): Promise<InspectionPage> {
    const page = new Promise<InspectionPage>((resolve) => this.#inspections.push(resolve));
    this.#model.send({ t: "inspect", from });
    return page;
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
