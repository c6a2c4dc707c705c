/** The two ways of drawing that are compared. */
import MarkdownIt from "markdown-it";
import { MarkdownView } from "../../js/render/index";

export interface Drawing {
  /** Draws more text; false if it is put off to a later frame. */
  append(delta: string): boolean;
  finish(): void;
}

function ours(root: HTMLElement): Drawing {
  const view = new MarkdownView(root);
  return {
    append(delta) {
      view.append(delta);
      return view.flush();
    },
    finish: () => view.finish(),
  };
}

/** What tutorials do: the whole answer to HTML at every frame. */
function naive(root: HTMLElement): Drawing {
  const markdown = new MarkdownIt();
  let text = "";
  return {
    append(delta) {
      text += delta;
      root.innerHTML = markdown.render(text);
      return true;
    },
    finish() {},
  };
}

const KINDS = { ours, naive };

export type Kind = keyof typeof KINDS;

/** A message in a box that scrolls, alone in the page. */
export interface Message {
  drawing: Drawing;
  root: HTMLElement;
  /** Scrolls to the end, which forces a layout. */
  follow(): void;
}

export function message(kind: Kind): Message {
  const scroller = document.createElement("div");
  scroller.className = "nbstream";
  scroller.style.cssText = "height:600px;overflow:auto";
  const root = document.createElement("div");
  scroller.append(root);
  document.body.replaceChildren(scroller);
  const follow = () => {
    scroller.scrollTop = scroller.scrollHeight;
  };
  return { drawing: KINDS[kind](root), root, follow };
}

/** Does something in the next animation frame. */
export function inFrame<Result>(task: () => Result): Promise<Result> {
  return new Promise((resolve) => requestAnimationFrame(() => resolve(task())));
}

/** Does something in the next animation frame, and resolves when that has been painted. */
export function paint<Result>(task: () => Result): Promise<Result> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    requestAnimationFrame(() => {
      const result = task();
      port1.onmessage = () => resolve(result);
      port2.postMessage(null);
    });
  });
}
