/**
 * The incremental Markdown renderer: `MarkdownView` and what else of it the widget needs.
 */
export { copyText } from "./clipboard";
export { visible } from "./invisible";
export type { Typesetter } from "./math-source";
export { MarkdownView, type RenderOptions } from "./view";
