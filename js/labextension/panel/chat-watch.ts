/** What the kernel of a notebook reports of its chats. */

import type { Kernel, NotebookPanel } from "@jupyterlab/notebook";
import { type ReadonlySignal, type Signal, signal } from "@preact/signals-core";
import type { ListedChats } from "../../core/cell-protocol";
import { codeCells } from "../keeping/places";
import { mayAsk } from "../kernel/cell-order";
import { KernelComm } from "../kernel/comm";
import { followKernel } from "../kernel/lifecycle";

const NONE: ListedChats = { chats: [], process: "" };

export class ChatWatch {
  readonly #panel: NotebookPanel;
  readonly #listed: Signal<ListedChats> = signal(NONE);
  readonly #unfollow: () => void;
  #asked: { kernel: Kernel; comm: KernelComm } | null = null;

  constructor(panel: NotebookPanel) {
    this.#panel = panel;
    this.#unfollow = followKernel(panel.sessionContext, { wake: () => {}, end: () => this.#forget() });
    this.ask();
  }

  /** Empty without a kernel, and in one that has not loaded nbstream. */
  get listed(): ReadonlySignal<ListedChats> {
    return this.#listed;
  }

  /** Asks a kernel that does not report yet: it may have loaded nbstream since. */
  ask(): void {
    const kernel = this.#panel.sessionContext.session?.kernel;
    if (!kernel || !codeCells(this.#panel).some(mayAsk)) return;
    if (this.#asked?.kernel === kernel && !this.#asked.comm.isDisposed) return;
    const show = (listed: ListedChats) => {
      if (this.#asked?.comm === comm) this.#listed.value = listed;
    };
    const comm = new KernelComm(kernel, {
      onMessage: (message) => message.t === "chats" && show(message.data),
      onClose: () => show(NONE),
    });
    this.#asked = { kernel, comm };
    comm.request({ name: "chats" }).then(show, () => show(NONE));
  }

  dispose(): void {
    this.#unfollow();
    const { comm } = this.#asked ?? {};
    if (comm && !comm.isDisposed) comm.close();
    this.#forget();
  }

  #forget(): void {
    this.#asked = null;
    this.#listed.value = NONE;
  }
}
