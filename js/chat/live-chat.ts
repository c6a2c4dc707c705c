/** The front end of one chat: passes messages between Python and the state that the views show. */

import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { ChatCommands, ChatRequest, ChatSnapshot, FromChat } from "../core/chat-protocol";
import { ChatStore, EMPTY_CHAT } from "../core/chat-store";
import type { InspectorModule } from "../core/inspection";
import type { AssetName } from "../core/protocol";
import { loadAsset } from "../kernel/assets";
import { interruptKernel } from "../kernel/interrupt";
import { Patience } from "../kernel/patience";
import { type Buffers, Requests } from "../kernel/requests";
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
  readonly #requests: Requests<ChatCommands>;
  readonly #patience = new Patience();
  readonly #height: Signal<number>;
  readonly #earlier = signal<Earlier | null>(null);
  readonly #keepers = new Set<Keeper>();
  #loading: Promise<InspectorModule> | undefined;
  #views = 0;

  constructor(model: ChatModel) {
    this.#model = model;
    this.#requests = new Requests((command) => model.send(command));
    this.#height = signal(model.get("height"));
    this.store = new ChatStore(snapshotOf(model) ?? EMPTY_CHAT, {
      resync: () => this.#requests.send({ name: "resync" }),
    });
    this.stopControl = new StopController({
      request: () => this.send({ name: "stop" }),
      interrupt: () => interruptKernel(model.get("kernel_id")),
      running: () => this.busy.peek(),
    });
    this.busy.subscribe((busy) => busy || this.stopControl.rest());
    this.typeset = typesetterFrom(() => this.#load<MathModule>("math"));
    this.#listen();
  }

  /** In CSS pixels; 0: as high as the content. */
  get height(): ReadonlySignal<number> {
    return this.#height;
  }

  /** Whether Python has not answered for a while. */
  get overdue(): ReadonlySignal<boolean> {
    return this.#patience.overdue;
  }

  /** A conversation of an earlier kernel saved in the notebook, which the user can restore. */
  get earlier(): ReadonlySignal<Earlier | null> {
    return this.#earlier;
  }

  inspectable(turn: string, version: number): Inspectable {
    const pull = (from: number) => this.#requests.request({ name: "inspect", id: turn, from });
    return { id: `${turn}/${version}`, load: () => this.#loadInspector(), source: { pull } };
  }

  #loadInspector(): Promise<InspectorModule> {
    this.#loading ??= this.#load<InspectorModule>("inspector");
    return this.#loading;
  }

  /** The reader has decided about the earlier conversation. */
  forget(): void {
    this.#earlier.value = null;
    for (const keeper of this.#keepers) keeper.forget();
  }

  /** Resolves when Python has accepted the command; rejects with `Refused`, whose message is for the user. */
  async send(request: ChatRequest): Promise<void> {
    const answer = this.#requests.request(request);
    this.#patience.watch(answer);
    const file = await answer;
    if (request.name === "download" && file && "text" in file) saveFile(file.name, file.text);
  }

  /** Draws a view into `el`; the returned function removes it. */
  show(el: HTMLElement): () => void {
    const unmount = mountChat(el, this);
    const leave = acceptKeeper(el, (keeper) => this.#join(keeper));
    this.#views += 1;
    return () => {
      leave();
      unmount();
      this.#views -= 1;
      if (this.#views === 0) this.#requests.send({ name: "gone" });
    };
  }

  /** Lets a notebook save the conversation until the returned function is called. */
  #join(keeper: Keeper): () => void {
    this.#keepers.add(keeper);
    this.#earlier.value ??= keeper.earlier;
    this.#requests.send({ name: "keep" });
    const unfollow = this.busy.subscribe((busy) => keeper.setBusy?.(busy));
    return () => {
      unfollow();
      keeper.setBusy?.(false);
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

  #receive(message: FromChat, buffers: Buffers): void {
    if (this.#requests.receive(message, buffers)) return;
    if (message.t === "snapshot") this.store.applySnapshot(message.state);
    // All keepers write the same output.
    else if (message.t === "saved") this.#keepers.values().next().value?.keep(message);
    else this.store.apply(message);
  }

  #load<Module>(name: AssetName): Promise<Module> {
    return loadAsset((request) => this.#requests.requestPacket(request), name);
  }

  #restore(): void {
    const snapshot = snapshotOf(this.#model);
    if (snapshot) this.store.applySnapshot(snapshot);
  }
}

function snapshotOf(model: ChatModel): ChatSnapshot | null {
  const snapshot = model.get("snapshot");
  return snapshot.v === 1 ? (snapshot as ChatSnapshot) : null;
}
