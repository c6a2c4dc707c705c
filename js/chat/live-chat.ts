/** The front end of one chat: carries messages between Python and the state that the views show. */

import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { ChatSnapshot, FromChat } from "../core/chat-protocol";
import { ChatStore, EMPTY_CHAT } from "../core/chat-store";
import type { InspectionPage, InspectorModule } from "../core/inspection";
import type { AssetName } from "../core/protocol";
import { Asset } from "../kernel/assets";
import { Commands, type Request } from "../kernel/commands";
import { interruptKernel } from "../kernel/interrupt";
import { StopController } from "../kernel/stop";
import { acceptKeeper, type Earlier, type Keeper } from "../page/chat-keeper";
import type { Typesetter } from "../render";
import type { Inspectable } from "../reply/inspecting";
import { type MathModule, typesetterFrom } from "../reply/typesetting";
import { mountChat } from "./ChatView";
import { saveFile } from "./files";
import type { ChatModel } from "./model";
import type { LiveSession } from "./session";

export class LiveChat implements LiveSession {
  readonly kind = "live";
  readonly store: ChatStore;
  readonly stopControl: StopController;
  readonly typeset: Typesetter;
  readonly busy: ReadonlySignal<boolean> = computed(() => this.store.meta.value.busy);
  readonly #model: ChatModel;
  readonly #commands: Commands;
  readonly #math: Asset<MathModule>;
  readonly #inspector: Asset<InspectorModule>;
  readonly #inspections: ((page: InspectionPage | null) => void)[] = [];
  readonly #height: Signal<number>;
  readonly #earlier = signal<Earlier | null>(null);
  readonly #keepers = new Set<Keeper>();
  #loading: Promise<InspectorModule> | undefined;
  #views = 0;

  constructor(model: ChatModel) {
    this.#model = model;
    this.#commands = new Commands((command) => model.send(command));
    this.#height = signal(model.get("height"));
    this.store = new ChatStore(snapshotOf(model) ?? EMPTY_CHAT, {
      resync: () => model.send({ t: "resync" }),
    });
    this.stopControl = new StopController({
      send: () => this.#stop(),
      interrupt: () => interruptKernel(model.get("kernel_id")),
      running: () => this.busy.peek(),
    });
    this.busy.subscribe((busy) => busy || this.stopControl.rest());
    this.#math = new Asset("math", (request) => model.send(request));
    this.#inspector = new Asset("inspector", (request) => model.send(request));
    this.typeset = typesetterFrom(() => this.#math.load());
    this.#listen();
  }

  /** In CSS pixels; 0: as high as the content. */
  get height(): ReadonlySignal<number> {
    return this.#height;
  }

  /** Whether Python has not answered for a while. */
  get overdue(): ReadonlySignal<boolean> {
    return this.#commands.overdue;
  }

  /** A conversation of an earlier kernel, which the notebook has kept and the reader may take up. */
  get earlier(): ReadonlySignal<Earlier | null> {
    return this.#earlier;
  }

  inspectable(turn: string, version: number): Inspectable {
    const pull = (from: number) => this.#inspect(turn, from);
    return { id: `${turn}/${version}`, load: () => this.#loadInspector(), source: { pull } };
  }

  #loadInspector(): Promise<InspectorModule> {
    this.#loading ??= this.#inspector.load();
    return this.#loading;
  }

  #inspect(id: string, from: number): Promise<unknown> {
    const page = new Promise<InspectionPage | null>((resolve) => this.#inspections.push(resolve));
    this.#model.send({ t: "inspect", id, from });
    return page;
  }

  /** The reader has decided about the earlier conversation. */
  forget(): void {
    this.#earlier.value = null;
    for (const keeper of this.#keepers) keeper.forget();
  }

  /** Resolves when Python has taken the command; rejects with `Refused` and what to tell the reader. */
  send(request: Request): Promise<void> {
    return this.#commands.send(request);
  }

  /** Draws a view into `el`; the function it returns takes it away again. */
  show(el: HTMLElement): () => void {
    const unmount = mountChat(el, this);
    const leave = acceptKeeper(el, (keeper) => this.#join(keeper));
    this.#views += 1;
    return () => {
      leave();
      unmount();
      this.#views -= 1;
      if (this.#views === 0) this.#takeLeave();
    };
  }

  /** Python need not know it where its kernel is gone, too. */
  #takeLeave(): void {
    try {
      this.#model.send({ t: "gone" });
    } catch (error) {
      console.debug("nbstream: the chat's kernel is gone.", error);
    }
  }

  /** Lets a notebook keep what is said, until the returned function is called. */
  #join(keeper: Keeper): () => void {
    this.#keepers.add(keeper);
    this.#earlier.value ??= keeper.earlier;
    this.#model.send({ t: "keep" });
    return () => {
      this.#keepers.delete(keeper);
    };
  }

  #listen(): void {
    const model = this.#model;
    model.on("msg:custom", (message, buffers) => this.#receive(message, buffers));
    model.on("change:snapshot", () => this.#restore());
    model.on("change:height", () => {
      this.#height.value = model.get("height");
    });
  }

  #receive(message: FromChat, buffers: readonly DataView<ArrayBuffer>[]): void {
    if (message.t === "snapshot") this.store.applySnapshot(message.state);
    else if (message.t === "ack") this.#commands.acknowledge(message.n);
    else if (message.t === "refused") this.#commands.refuse(message.n, message.message);
    else if (message.t === "asset") this.#assetNamed(message.name).receive(message, buffers);
    else if (message.t === "inspected") this.#inspections.shift()?.(message.page);
    else if (message.t === "file") saveFile(message.name, message.text);
    // All keepers write the same output.
    else if (message.t === "saved") this.#keepers.values().next().value?.keep(message);
    else this.store.apply(message);
  }

  #assetNamed(name: AssetName): Asset<unknown> {
    return name === "math" ? this.#math : this.#inspector;
  }

  #restore(): void {
    const snapshot = snapshotOf(this.#model);
    if (snapshot) this.store.applySnapshot(snapshot);
  }

  /** Refused or not, the kernel has heard it. */
  #stop(): void {
    const heard = () => this.stopControl.acknowledge();
    this.send({ t: "stop" }).then(heard, heard);
  }
}

function snapshotOf(model: ChatModel): ChatSnapshot | null {
  const snapshot = model.get("snapshot");
  return snapshot.v === 1 ? (snapshot as ChatSnapshot) : null;
}
