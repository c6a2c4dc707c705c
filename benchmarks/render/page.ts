/** Runs in the page: draws an answer frame by frame, ours and naive. */
import MarkdownIt from "markdown-it";
import { MarkdownView } from "../../js/render/index";

interface Drawing {
  append(delta: string): void;
  finish(): void;
}

function ours(root: HTMLElement): Drawing {
  const view = new MarkdownView(root);
  return {
    append(delta) {
      view.append(delta);
      view.flush();
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
    },
    finish() {},
  };
}

const KINDS = { ours, naive };

let drawing: Drawing;
let scroller: HTMLElement;
let text = "";
let at = 0;
let script = 0;

const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));

export function start(kind: keyof typeof KINDS, answer: string): void {
  scroller = document.createElement("div");
  scroller.className = "nbstream";
  scroller.style.cssText = "height:600px;overflow:auto";
  const root = document.createElement("div");
  scroller.append(root);
  document.body.replaceChildren(scroller);
  drawing = KINDS[kind](root);
  text = answer;
  at = script = 0;
}

/** Draws `frames` frames of `size` characters each, stuck to the bottom; gives the script's time in ms. */
export async function advance(frames: number, size: number): Promise<number> {
  const before = script;
  for (let i = 0; i < frames && at < text.length; i++, at += size) {
    await frame();
    const began = performance.now();
    drawing.append(text.slice(at, at + size));
    script += performance.now() - began;
    scroller.scrollTop = scroller.scrollHeight;
  }
  await frame();
  return script - before;
}

/** Ends the answer; gives how long that took in ms, with layout. */
export async function finish(): Promise<number> {
  const began = performance.now();
  drawing.finish();
  scroller.scrollTop = scroller.scrollHeight;
  const took = performance.now() - began;
  await frame();
  return took;
}
