/** Runs in the page: draws answers into the body and reports the result. */

import { typeset } from "../../../math/index";
import { MarkdownView } from "../../../render/index";
import { asCommonMark } from "../../../render/testing/commonmark";
import { drawn, tree } from "../../../render/testing/drawing";
import { pieces } from "../../../render/testing/pieces";

export { atOnce, drawn, streamed } from "../../../render/testing/drawing";
export { MarkdownView };

/** The complete `text` in the form of CommonMark's examples. */
export function commonMark(text: string): string {
  return asCommonMark(drawn(text));
}

/** A formula on display as its tree, or null where its source stays. */
export function formula(tex: string): string | null {
  const math = typeset(tex, true, document);
  return math && tree(math);
}

/** Draws `text` in pieces of `size`, one frame each, alone in the body. */
export function show(text: string, size: number): Promise<MarkdownView> {
  document.body.replaceChildren();
  return add(text, size);
}

/** Draws several answers side by side, which share the frames that they wait for. */
export function showAll(answers: [text: string, size: number][]): Promise<MarkdownView[]> {
  document.body.replaceChildren();
  return Promise.all(answers.map(([text, size]) => add(text, size)));
}

async function add(text: string, size: number): Promise<MarkdownView> {
  const root = document.createElement("div");
  document.body.append(root);
  const view = new MarkdownView(root, { typeset });
  for (const piece of pieces(text, size)) {
    view.append(piece);
    while (!view.flush()) await frame();
    await frame();
  }
  view.finish();
  await frame();
  return view;
}

const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
