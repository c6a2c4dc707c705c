/**
 * The incremental Markdown renderer. It knows neither network nor framework, and never parses HTML.
 *
 * How an answer gets on the page:
 *
 * 1. `view.ts` takes deltas, keeps the exact source and rests after expensive frames (`throttle.ts`).
 * 2. `live-document.ts` lexes what is not frozen yet (`tail.ts`, on `markdown.ts`) and freezes what is closed; an
 *    open fence, list or table grows by itself (`open-fence.ts`, `open-parts.ts`).
 * 3. `holdback.ts` and remend make the open end presentable: no marker flashes, `**bo` is bold already.
 * 4. `sections.ts` and `cursor.ts` draw over the nodes that stand, 24 blocks to a section; `blocks.ts` and
 *    `inline.ts` say which node a token becomes. `urls.ts` judges every address, `invisible.ts` every character.
 * 5. `math.ts` finds formulas and `formula.ts` shows their TeX; what they become is for the view's `typeset` to say.
 * 6. At the end the whole text is drawn once more through the same cursor, which touches only what differs.
 *
 * Not read as Markdown: HTML except a few tags without attributes (shown as written, see `html-tags.ts`), a
 * paragraph of more than 50,000 characters and what follows the first million (shown as plain text).
 */
export { copyText } from "./clipboard";
export type { InsertCode, Typesetter } from "./context";
export { ImageChip } from "./image";
export { exposed, visible } from "./invisible";
export { linkTarget } from "./urls";
export { MarkdownView, type RenderOptions } from "./view";
