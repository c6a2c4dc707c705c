/** Draws an output that a widget changes: live while its kernel runs, otherwise as saved in the notebook. */

import type { MimeModel, MimeRenderer, RendererFactory } from "@jupyterlab/rendermime";
import { Widget } from "@lumino/widgets";
import type { LiveOutput, LiveOutputs, Output } from "../page/live-outputs";
import type { FindCell } from "./cells";
import { WIDGET_MIMETYPE } from "./chats/notebook-chats";

/** How long a new output waits for the code of its live view, in ms. */
const PATIENCE = 2000;

interface Drawable extends LiveOutput {
  /** Draws it into `el` until the returned function is called. */
  mount(el: HTMLElement): () => void;
}

/** One kind of output that is drawn live. */
export interface DrawnKind<Live extends Drawable> {
  readonly mimeType: string;
  /** Those of this page. */
  readonly lives: LiveOutputs<Live>;
  /** Id of what an output shows; undefined if there is none. */
  idOf(output: Output): unknown;
  /** Whether nothing of an output is worth to be drawn before its live view. */
  isEmpty(model: MimeModel): boolean;
  /** Loads what draws a saved output into a host, until the function that it returns is called. */
  load(): Promise<(host: HTMLElement, model: MimeModel) => () => void>;
}

export function liveRendererFactory<Live extends Drawable>(
  kind: DrawnKind<Live>,
  findCell: FindCell,
): RendererFactory {
  return {
    safe: true,
    mimeTypes: [kind.mimeType],
    createRenderer: () => new LiveOutputRenderer(kind, findCell),
  };
}

/** JupyterLab keeps the instance, and calls `renderModel` again when the output is updated. */
class LiveOutputRenderer<Live extends Drawable> extends Widget implements MimeRenderer {
  readonly #kind: DrawnKind<Live>;
  readonly #findCell: FindCell;
  readonly #unwatch: () => void;
  #unfollow: (() => void) | undefined;
  readonly #made = performance.now();
  #model: MimeModel | undefined;
  #live: Live | undefined;
  #unmount: (() => void) | undefined;

  constructor(kind: DrawnKind<Live>, findCell: FindCell) {
    super();
    this.#kind = kind;
    this.#findCell = findCell;
    this.addClass("nbs-output");
    this.#unwatch = this.#kind.lives.watch(() => {
      if (this.#liveOne() !== this.#live) void this.#draw();
    });
  }

  /** JupyterLab calls it for each update of the output; a live view stays as it is. */
  async renderModel(model: MimeModel): Promise<void> {
    this.#model = model;
    await this.#draw();
  }

  override dispose(): void {
    this.#unwatch();
    this.#unfollow?.();
    this.#unmount?.();
    super.dispose();
  }

  /** Before this it is not known whether the output is in a notebook cell. */
  protected override onAfterAttach(): void {
    this.#unfollow?.();
    this.#unfollow = this.#findCell(this.node)?.hasKernel.subscribe((hasKernel) => {
      if (!hasKernel) this.#live?.lose();
    });
  }

  async #draw(): Promise<void> {
    const model = this.#model;
    if (!model || this.isDisposed) return;
    const live = this.#liveOne();
    if (live) {
      this.#showLive(live);
      return;
    }
    if (this.#isExpected(model)) setTimeout(() => void this.#draw(), PATIENCE);
    else await this.#showSaved(model);
  }

  /** In a notebook that is not trusted, its author would choose what is drawn. */
  #liveOne(): Live | undefined {
    const id = this.#model?.trusted ? this.#kind.idOf(this.#model) : undefined;
    return typeof id === "string" ? this.#kind.lives.find(id) : undefined;
  }

  /** Whether the output names a widget that does not exist yet, and there is nothing else to draw. */
  #isExpected(model: MimeModel): boolean {
    if (!model.trusted || !(WIDGET_MIMETYPE in model.data) || this.#live) return false;
    return this.#kind.isEmpty(model) && performance.now() < this.#made + PATIENCE;
  }

  #showLive(live: Live): void {
    if (this.#live === live) return;
    this.#unmount?.();
    this.#live = live;
    this.#unmount = live.mount(this.node);
  }

  async #showSaved(model: MimeModel): Promise<void> {
    const mountSaved = await this.#kind.load();
    // The output may have changed since, or what is live may have been added.
    if (this.isDisposed || model !== this.#model || this.#liveOne()) return;
    this.#unmount?.();
    this.#live = undefined;
    this.#unmount = mountSaved(this.node, model);
  }
}
