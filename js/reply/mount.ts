import { type ComponentChildren, h, render } from "preact";
import type { Typesetter } from "../render";
import { Typesetting } from "./typesetting";

/** Draws a view into `host` until the returned function is called; `typeset` is for all formulas in it. */
export function mount(host: HTMLElement, typeset: Typesetter, view: ComponentChildren): () => void {
  render(h(Typesetting.Provider, { value: typeset }, view), host);
  return () => render(null, host);
}
