/** Commands of the extension to the kernel, on comms (`nbstream/protocol/comm.py` is the other side). */

import type { Comm, Kernel, SessionContext } from "@jupyterlab/notebook";
import type { CellCommands, ChatsChanged, WatchedChanged } from "../../core/cell-protocol";
import type { Answer, CommandMessage, Request, Returned } from "../../core/commands";
import { KernelLost, Requests } from "../../kernel/requests";

const TARGET = "nbstream";

export interface KernelCommOptions {
  /** Called with messages of the kernel that are not answers. */
  onMessage?: (message: ChatsChanged | WatchedChanged) => void;
  /** The kernel has closed the comm: it has answered, has ended, or has not loaded nbstream. */
  onClose?: () => void;
}

/** One comm. Some commands are active until it closes. */
export class KernelComm {
  readonly #comm: Comm;
  readonly #requests: Requests<CellCommands>;
  #isOpen = false;

  constructor(kernel: Kernel, { onMessage, onClose }: KernelCommOptions = {}) {
    this.#comm = kernel.createComm(TARGET);
    this.#requests = new Requests((command) => this.#post(command));
    this.#comm.onMsg = ({ content: { data } }) => {
      const message = data as unknown as Answer | ChatsChanged | WatchedChanged;
      if (!this.#requests.receive(message)) onMessage?.(message as ChatsChanged | WatchedChanged);
    };
    this.#comm.onClose = () => {
      this.#requests.lose();
      onClose?.();
    };
  }

  /** Closed by either side. */
  get isDisposed(): boolean {
    return this.#comm.isDisposed;
  }

  request<Sent extends Request<CellCommands>>(request: Sent): Promise<Returned<CellCommands, Sent["name"]>> {
    return this.#requests.request(request);
  }

  close(): void {
    this.#comm.close();
  }

  /** The data that opens the comm is the first command. */
  #post(command: CommandMessage): void {
    if (this.#isOpen) this.#comm.send(command);
    else this.#comm.open(command);
    this.#isOpen = true;
  }
}

/** Sends one command to the kernel of a notebook on a new comm; rejects like `Requests.request`. */
export async function request<Sent extends Request<CellCommands>>(
  context: SessionContext,
  request: Sent,
): Promise<Returned<CellCommands, Sent["name"]>> {
  return commTo(context).request(request);
}

/** @throws KernelLost if the notebook has no kernel */
export function commTo(context: SessionContext): KernelComm {
  const kernel = context.session?.kernel;
  if (!kernel) throw new KernelLost("The notebook has no kernel.");
  return new KernelComm(kernel);
}
