/**
 * Formulas typeset on demand. The typesetter is as large as all the rest of a view, so no bundle holds it: the
 * widget asks its kernel for it, the JupyterLab extension its server, and both when the first formula closes.
 */

import { createContext } from "preact";
import { pageWide } from "../page/shared";
import type { Typesetter } from "../render";

/** The module `js/math`. */
export interface MathModule {
  typeset(tex: string, display: boolean, document: Document): Element | null;
}

/** How the answers inside are typeset; by default their formulas stay TeX source. */
export const Typesetting = createContext<Typesetter | undefined>(undefined);

/**
 * The page has one typesetter, whoever loaded it: the saved view of an answer takes over from the live one
 * without a moment in which its formulas are source again.
 */
const page = pageWide<{ module: MathModule }>("math/1");

/** A typesetter out of a module that is loaded once, when there is a formula for it. */
export function typesetterFrom(load: () => Promise<MathModule>): Typesetter {
  let loading: Promise<MathModule> | undefined;
  const loaded = async () => {
    page.module ??= await load();
    return page.module;
  };
  return (tex, display, document) => {
    if (page.module) return page.module.typeset(tex, display, document);
    loading ??= loaded();
    return loading.then((module) => module.typeset(tex, display, document));
  };
}
