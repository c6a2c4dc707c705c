/**
 * As much of JupyterLab as the prebuilt extension sees: a share scope with its packages, a registry of
 * renderers, and a notebook whose cells can be run. Bundled into the page by the test.
 */

import type { MimeModel, RendererFactory } from "@jupyterlab/rendermime";

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

class Lab {
  /** The indices of the cells that were run. */
  readonly runs: number[] = [];
  readonly cells = [...document.querySelectorAll<HTMLElement>(".cell")];
  /** What the kernel was told by comm, and what it answers; null: there is no kernel. */
  readonly told: unknown[] = [];
  kernel: { answer: object | null } | null = { answer: { ok: true } };
  readonly #kernelChanged: (() => void)[] = [];
  readonly #notebook = {
    widgets: this.cells.map((node, index) => ({
      node,
      model: { sharedModel: { getId: () => `cell-${index}` } },
    })),
    activeCellIndex: -1,
    deselectAll() {},
  };
  #factory: RendererFactory | undefined;

  /** Loads the extension out of its container and activates the plugin that draws. */
  async activate(container: Container): Promise<string[]> {
    container.init(this.#shareScope());
    const plugins = (await container.get("./extension"))().default;
    const panel = { content: this.#notebook, sessionContext: this.#sessionContext() };
    const tracker = { find: (matches: (panel: unknown) => boolean) => (matches(panel) ? panel : undefined) };
    plugins[0]?.activate({}, this, tracker, null);
    return plugins.map(({ id }) => id);
  }

  /** Another kernel, or none. */
  changeKernel(kernel: Lab["kernel"]): void {
    this.kernel = kernel;
    for (const slot of this.#kernelChanged) slot();
  }

  #sessionContext() {
    const kernel = () => this.kernel && { createComm: (target: string) => this.#comm(target) };
    return {
      session: {
        get kernel() {
          return kernel();
        },
      },
      kernelChanged: { connect: (slot: () => void) => this.#kernelChanged.push(slot) },
    };
  }

  #comm(target: string) {
    const comm = {
      onMsg: (_message: object) => {},
      onClose: () => {},
      open: async (data: object) => {
        this.told.push({ target, ...data });
        const answer = this.kernel?.answer;
        await Promise.resolve();
        if (answer) comm.onMsg({ content: { data: answer } });
        comm.onClose();
      },
    };
    return comm;
  }

  /** What the registry of renderers is asked for. */
  addFactory(factory: RendererFactory): void {
    this.#factory = factory;
  }

  /** A renderer of the registered mimetype, in a cell or, if there is no such cell, elsewhere in the page. */
  async output(cell: number, model: MimeModel) {
    const mimeType = this.#factory?.mimeTypes[0] ?? "";
    const renderer = this.#factory?.createRenderer({ mimeType });
    await renderer?.renderModel(model);
    (renderer as unknown as Widget).attach(this.cells[cell] ?? document.body);
    return renderer;
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
