/**
 * What anywidget does in a page, with the kernel's side in the hands of the test: imports the module from a
 * Blob URL, calls the factory and its hooks, and carries messages.
 */

import type { ChatSnapshot, FromChat } from "../../../core/chat-protocol";
import type { CommandMessage } from "../../../core/commands";
import type { FromKernel, Snapshot } from "../../../core/protocol";

export type Sent = CommandMessage;
export type Received = FromKernel | FromChat;

type Listener = (message?: Received, buffers?: DataView[]) => void;

export interface Traits {
  snapshot: Snapshot | ChatSnapshot;
  kernel_id: string;
  /** Of the chat alone. */
  height?: number;
}

interface Widget {
  initialize(context: { model: unknown }): void;
  render?(context: { model: unknown; el: HTMLElement }): () => void;
}

class WidgetHost {
  readonly sent: Sent[] = [];
  readonly #listeners = new Map<string, Listener[]>();
  readonly #traits: Traits;
  #widget: Widget | undefined;

  constructor(traits: Traits) {
    this.#traits = traits;
  }

  async open(esm: string): Promise<void> {
    const url = URL.createObjectURL(new Blob([esm], { type: "text/javascript" }));
    const { default: factory } = await import(url);
    this.#widget = factory() as Widget;
    this.#widget.initialize({ model: this.#model() });
  }

  /** A new view at the end of the page; the function it returns is what the host calls to remove it. */
  show(): () => void {
    const el = document.createElement("div");
    el.className = "view";
    document.querySelector("main")?.append(el);
    const cleanup = this.#widget?.render?.({ model: this.#model(), el });
    return () => {
      cleanup?.();
      el.remove();
    };
  }

  /** A custom message from the kernel; `bytes` are its one buffer. */
  receive(message: Received, bytes?: Uint8Array): void {
    this.#emit("msg:custom", message, bytes ? [new DataView(bytes.buffer)] : []);
  }

  /** A synced trait that the kernel has set. */
  restore(snapshot: Traits["snapshot"]): void {
    this.#traits.snapshot = snapshot;
    this.#emit("change:snapshot");
  }

  /** A fresh proxy for each hook, as anywidget makes it. */
  #model() {
    return {
      get: (name: keyof Traits) => this.#traits[name],
      send: (command: Sent) => this.sent.push(command),
      on: (event: string, listener: Listener) => {
        this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener]);
      },
    };
  }

  #emit(event: string, message?: Received, buffers?: DataView[]): void {
    for (const listener of this.#listeners.get(event) ?? []) listener(message, buffers);
  }
}

declare global {
  interface Window {
    WidgetHost: typeof WidgetHost;
    host: WidgetHost;
    views: (() => void)[];
  }
}

window.WidgetHost = WidgetHost;
window.views = [];
