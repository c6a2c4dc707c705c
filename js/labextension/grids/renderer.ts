/** Draws a comparison in an output: live while its kernel runs, otherwise as saved in the notebook. */

import type { MimeModel, MimeRenderer, RendererFactory } from "@jupyterlab/rendermime";
import { Widget } from "@lumino/widgets";
import { COMPARISON_MIMETYPE } from "../../core/grid-protocol";
import { type LiveComparison, liveGrids } from "../../page/live-grids";
import type { FindCell } from "../cells";
import { WIDGET_MIMETYPE } from "../chats/notebook-chats";
import { record } from "../fields";
import { comparisonId } from "./kept-grids";
import { type SavedComparison, savedComparison } from "./saved-grid";

/** How long a new output waits for the code of its live view, in ms. */
const PATIENCE = 2000;

export function gridRendererFactory(findCell: FindCell): RendererFactory {
  return {
    safe: true,
    mimeTypes: [COMPARISON_MIMETYPE],
    createRenderer: () => new GridRenderer(findCell),
  };
}

class GridRenderer extends Widget implements MimeRenderer {
  readonly #findCell: FindCell;
  readonly #unwatch: () => void;
  #unfollow: (() => void) | undefined;
  readonly #made = performance.now();
  #model: MimeModel | undefined;
  #live: LiveComparison | undefined;
  #unmount: (() => void) | undefined;

  constructor(findCell: FindCell) {
    super();
    this.#findCell = findCell;
    this.addClass("nbs-output");
    this.#unwatch = liveGrids.watch(() => {
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
    const saved = savedComparison(model.data[COMPARISON_MIMETYPE], record(model.metadata).nbstream);
    if (this.#isExpected(model, saved)) setTimeout(() => void this.#draw(), PATIENCE);
    else await this.#showSaved(saved, model);
  }

  /** In a notebook that is not trusted, its author would choose which comparison is drawn. */
  #liveOne(): LiveComparison | undefined {
    const id = this.#model?.trusted ? comparisonId(this.#model) : undefined;
    return typeof id === "string" ? liveGrids.find(id) : undefined;
  }

  /** Whether the output names a widget that does not exist yet, and there is nothing else to draw. */
  #isExpected({ data, trusted }: MimeModel, { bodies }: SavedComparison): boolean {
    if (!trusted || !(WIDGET_MIMETYPE in data) || this.#live) return false;
    return bodies.every(([, text]) => text === "") && performance.now() < this.#made + PATIENCE;
  }

  #showLive(live: LiveComparison): void {
    if (this.#live === live) return;
    this.#unmount?.();
    this.#live = live;
    this.#unmount = live.mount(this.node);
  }

  async #showSaved(saved: SavedComparison, model: MimeModel): Promise<void> {
    const { mountSaved } = await import("./drawing");
    // The output may have changed since, or the live comparison may have been added.
    if (this.isDisposed || model !== this.#model || this.#liveOne()) return;
    this.#unmount?.();
    this.#live = undefined;
    this.#unmount = mountSaved(this.node, saved);
  }
}
