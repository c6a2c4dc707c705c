/** Runs in the page: draws answers into the body and reports on what came out. */

import { MarkdownView } from "../../render/index";
import { asCommonMark } from "../../render/testing/commonmark";
import { drawn } from "../../render/testing/drawing";
import { pieces } from "../../render/testing/pieces";

export { atOnce, streamed } from "../../render/testing/drawing";
export { MarkdownView };

/** The complete `text` in the form of CommonMark's examples. */
export function commonMark(text: string): string {
  return asCommonMark(drawn(text));
}

/** Draws `text` in pieces of `size`, one frame each, alone in the body. */
export async function show(text: string, size: number): Promise<MarkdownView> {
  const root = document.createElement("div");
  document.body.replaceChildren(root);
  const view = new MarkdownView(root);
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
