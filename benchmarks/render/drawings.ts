/** The ways of drawing that are compared. */
import core from "highlight.js/lib/core";
import MarkdownIt from "markdown-it";
import { MarkdownView } from "../../js/render/index";
import { GRAMMARS } from "../../js/render/languages";

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

/**
 * What tutorials do: the whole answer to HTML at every frame, with our style sheet, its code coloured by the
 * grammars that ours has.
 */
function naive(root: HTMLElement): Drawing {
  root.classList.add("nbs-markdown");
  const hljs = core.newInstance();
  for (const [name, grammar] of Object.entries(GRAMMARS)) hljs.registerLanguage(name, grammar);
  const highlight = (code: string, language: string) =>
    hljs.getLanguage(language) ? hljs.highlight(code, { language }).value : "";
  const markdown = new MarkdownIt({ highlight });
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

/** The least that a page can do: the text as it is, in short paragraphs, out of sight as cheap as ours. */
function plain(root: HTMLElement): Drawing {
  let section = root.appendChild(document.createElement("section"));
  let open = paragraph(section);
  return {
    append(delta) {
      open.appendData(delta);
      if (open.length < 500) return true;
      if (section.childElementCount === 24) {
        section.className = "nbs-section-full";
        section = root.appendChild(document.createElement("section"));
      }
      open = paragraph(section);
      return true;
    },
    finish() {},
  };
}

function paragraph(parent: HTMLElement): Text {
  return parent.appendChild(document.createElement("p")).appendChild(document.createTextNode(""));
}

const KINDS = { ours, naive, plain };

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
