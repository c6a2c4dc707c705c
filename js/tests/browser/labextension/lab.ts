/**
 * As much of JupyterLab as the prebuilt extension sees: a share scope with its packages, a registry of
 * renderers, and a notebook whose cells can be run. Bundled into the page by the test.
 */

import type { MimeContent, MimeModel, RendererFactory } from "@jupyterlab/rendermime";
import type { CommandMessage } from "../../../core/commands";

interface Plugin {
  id: string;
  activate: (app: unknown, ...services: unknown[]) => void;
}

interface Container {
  init(scope: object): void;
  get(module: string): Promise<() => { default: Plugin[] }>;
}

class Widget {
  readonly node = document.createElement("div");
  isDisposed = false;

  addClass(name: string): void {
    this.node.classList.add(name);
  }

  dispose(): void {
    this.isDisposed = true;
    this.node.remove();
  }

  protected onAfterAttach(_message: unknown): void {}

  attach(host: HTMLElement): void {
    host.append(this.node);
    this.onAfterAttach({ type: "after-attach" });
  }
}

/** An output as a notebook holds it. */
export type Saved = Omit<MimeModel, "setData">;

/** An answer of the kernel, without the number and name of its command. */
type Unnumbered = { t: "ack" } | { t: "refused"; message: string } | { t: "result"; data: object };

interface Kernel {
  /** What it answers to a command; null: nbstream is not loaded. */
  answer: Unnumbered | null;
  /** The cells that it calls stale (default none). */
  stale?: string[];
  /** What the ids of its replies begin with (default: what those of all replies do). */
  process?: string;
}

class Lab {
  /** Of the orders that were withdrawn, how many cells had been run before. */
  readonly withdrawn: number[] = [];
  /** The indices of the cells that were run. */
  readonly runs: number[] = [];
  readonly cells = [...document.querySelectorAll<HTMLElement>(".cell")];
  /** The choices sent to the kernel by comm. */
  readonly told: unknown[] = [];
  /** The replacement that the renderer has written for its output. */
  replaced: MimeContent | null = null;
  #kernel: (Kernel & { createComm: (target: string) => object }) | null = this.#newKernel({
    // An output that cannot be drawn, so that the view stays as it is.
    answer: { t: "result", data: { data: undefined } },
  });
  readonly #kernelChanged: (() => void)[] = [];
  readonly #statusChanged: ((sender: unknown, status: string) => void)[] = [];
  readonly #notebook = {
    widgets: this.cells.map((node, index) => ({
      node,
      model: { sharedModel: { getId: () => `cell-${index}`, getSource: () => "%%chat\nHow?" } },
    })),
    activeCellIndex: -1,
    deselectAll() {},
  };
  readonly #factories = new Map<string, RendererFactory>();

  /** Loads the extension out of its container and activates the plugin that draws. */
  async activate(container: Container): Promise<string[]> {
    container.init(this.#shareScope());
    const plugins = (await container.get("./extension"))().default;
    const disposed = { connect: () => true };
    const panel = { content: this.#notebook, sessionContext: this.#sessionContext(), disposed };
    const tracker = { find: (matches: (panel: unknown) => boolean) => (matches(panel) ? panel : undefined) };
    plugins[0]?.activate({}, this, tracker, null);
    return plugins.map(({ id }) => id);
  }

  /** Another kernel, or none. */
  changeKernel(kernel: Kernel | null): void {
    this.#kernel = kernel && this.#newKernel(kernel);
    for (const slot of this.#kernelChanged) slot();
  }

  restartKernel(): void {
    for (const status of ["restarting", "idle"]) for (const slot of this.#statusChanged) slot(this, status);
  }

  #newKernel(kernel: Kernel) {
    return { ...kernel, createComm: (target: string) => this.#comm(kernel, target) };
  }

  #sessionContext() {
    const kernel = () => this.#kernel;
    return {
      session: {
        get kernel() {
          return kernel();
        },
      },
      kernelChanged: { connect: (slot: () => void) => this.#kernelChanged.push(slot) },
      statusChanged: {
        connect: (slot: (sender: unknown, status: string) => void) => this.#statusChanged.push(slot),
      },
    };
  }

  #comm({ answer, stale = [], process = "" }: Kernel, target: string) {
    const comm = {
      isDisposed: false,
      onMsg: (_message: object) => {},
      onClose: () => {},
      close: () => this.withdrawn.push(this.runs.length),
      open: async ({ t, n, name, ...rest }: CommandMessage) => {
        const watches = name === "watch";
        if (!watches) this.told.push({ target, name, ...rest });
        await Promise.resolve();
        const taken = watches ? { t: "result", data: { stale, loaded: [], process } } : answer;
        if (answer) comm.onMsg({ content: { data: { ...taken, n, name } } });
        if (watches && answer) return;
        comm.isDisposed = true;
        comm.onClose();
      },
    };
    return comm;
  }

  /** The calls of the renderer registry. */
  addFactory(factory: RendererFactory): void {
    for (const mimeType of factory.mimeTypes) this.#factories.set(mimeType, factory);
  }

  /** A renderer of the mimetype of an output, in a cell or, if there is no such cell, elsewhere in the page. */
  async output(cell: number, saved: Saved) {
    const mimeType = Object.keys(saved.data).find((name) => this.#factories.has(name)) ?? "";
    const renderer = this.#factories.get(mimeType)?.createRenderer({ mimeType });
    const draw = (shown: Saved) => renderer?.renderModel({ ...shown, setData });
    const setData = (content: MimeContent) => {
      this.replaced = content;
      void draw({ ...saved, ...content });
    };
    await draw(saved);
    (renderer as unknown as Widget).attach(this.cells[cell] ?? document.body);
    return { draw, dispose: () => renderer?.dispose() };
  }

  #shareScope(): object {
    const run = async (notebook: { activeCellIndex: number }) => this.runs.push(notebook.activeCellIndex);
    const token = { name: "token" };
    const packages: Record<string, object> = {
      // The chats extend Panel; they are tested in JupyterLab itself.
      "@lumino/widgets": { Widget, Panel: Widget },
      "@lumino/coreutils": { JSONExt: {} },
      "@jupyterlab/notebook": { INotebookTracker: token, NotebookActions: { run } },
      "@jupyterlab/rendermime": { IRenderMimeRegistry: token },
      "@jupyterlab/apputils": { ISessionContextDialogs: token },
      "@jupyterlab/statusbar": { IStatusBar: token },
      "@jupyterlab/codemirror": { IEditorLanguageRegistry: token },
    };
    const shared = ([name, exports]: [string, object]) => [
      name,
      { "99.0.0": { get: async () => () => exports, from: "lab" } },
    ];
    return Object.fromEntries(Object.entries(packages).map(shared));
  }
}

declare global {
  interface Window {
    lab: Lab;
    _JUPYTERLAB: Record<string, Container>;
    renderer: Awaited<ReturnType<Lab["output"]>>;
  }
}

window.lab = new Lab();
