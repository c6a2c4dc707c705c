/** The item of the status bar: what the current notebook used, and what streams into it. */

import type { Notebook, NotebookPanel, NotebookTracker, OutputItem } from "@jupyterlab/notebook";
import { Widget } from "@lumino/widgets";
import { busyChats } from "../chats/busy-chats";
import { runningIn, stopAll } from "../commands/stopping";
import { KINDS } from "../keeping/kinds";
import { codeCells } from "../keeping/places";
import type { Totals } from "./usage";

/** How soon changes are shown, in ms: the model changes with each delta and each key press. */
const DELAY = 500;
/** How often running answers are counted, in ms. */
const TICK = 1000;

type Reading = typeof import("./usage") & typeof import("./wording");

let reading: Reading | undefined;

/** A page without answers does not load the code that reads them. */
async function loadReading(): Promise<Reading> {
  reading ??= { ...(await import("./usage")), ...(await import("./wording")) };
  return reading;
}

export class StatusItem extends Widget {
  readonly #tracker: NotebookTracker;
  readonly #summary = document.createElement("span");
  readonly #stop = document.createElement("button");
  readonly #onChange = () => this.#schedule(DELAY);
  #panel: NotebookPanel | null = null;
  #model: Notebook["model"] = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(tracker: NotebookTracker) {
    super();
    this.#tracker = tracker;
    this.addClass("nbs-status");
    this.#summary.className = "nbs-status-figures";
    this.#stop.type = "button";
    this.#stop.className = "nbs-status-stop";
    this.#stop.addEventListener("click", () => this.#panel && void stopAll(this.#panel));
    this.node.append(this.#stop, this.#summary);
    this.node.hidden = this.#stop.hidden = true;
    for (const { lives } of KINDS) lives.watch(this.#onChange);
    busyChats.watch(this.#onChange);
    tracker.currentChanged.connect(() => this.#follow());
    this.#follow();
  }

  #follow(): void {
    const panel = this.#tracker.currentWidget;
    this.#model?.contentChanged.disconnect(this.#onChange);
    this.#panel = panel;
    this.#model = null;
    this.node.hidden = true;
    void panel?.context.ready.then(() => {
      if (panel !== this.#panel || panel.isDisposed) return;
      this.#model?.contentChanged.disconnect(this.#onChange);
      this.#model = panel.content.model;
      this.#model?.contentChanged.connect(this.#onChange);
      this.#schedule(0);
    });
  }

  /** A change that comes before the last one was shown waits for nothing. */
  #schedule(delay: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.#update();
    }, delay);
  }

  async #update(): Promise<void> {
    const panel = this.#panel;
    if (!panel || panel.isDisposed) return;
    const running = runningIn(panel);
    const outputs = outputsOf(panel);
    if (running > 0 || outputs.length > 0) await this.#show(panel, running, outputs);
    else this.node.hidden = true;
    if (running > 0) this.#schedule(TICK);
  }

  async #show(panel: NotebookPanel, running: number, outputs: OutputItem[]): Promise<void> {
    const { totalsOf, ...words } = await loadReading();
    if (panel !== this.#panel) return;
    const totals = totalsOf(outputs);
    this.#showRunning(running, words);
    this.#showTotals(totals, words);
    this.node.hidden = running === 0 && totals.answers === 0;
  }

  #showRunning(running: number, { counted }: Pick<Reading, "counted">): void {
    this.#stop.hidden = running === 0;
    setText(this.#stop, `■ ${running} streaming`);
    this.#stop.title = `Stop ${counted(running, "running answer")}`;
    this.#stop.setAttribute("aria-label", this.#stop.title);
  }

  #showTotals(totals: Totals, { summary, details }: Pick<Reading, "summary" | "details">): void {
    setText(this.#summary, summary(totals));
    this.node.title = totals.answers > 0 ? details(totals) : "";
  }
}

/** A node that did not change must not be replaced under a click. */
function setText(node: HTMLElement, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

/** Those that were made by nbstream. */
function outputsOf(panel: NotebookPanel): OutputItem[] {
  return codeCells(panel)
    .flatMap(({ outputs }) => Array.from({ length: outputs.length }, (_, index) => outputs.get(index)))
    .filter(({ metadata }) => metadata && "nbstream" in metadata);
}
