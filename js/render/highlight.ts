import hljs from "highlight.js/lib/core";
import { appendVisible } from "./invisible";
import { ALIASES, GRAMMARS } from "./languages";
import { type CodeToken, TokenTree } from "./token-tree";

/** CSS class by scope, or by the first word of the scope ("title.function"). */
const CLASSES: Record<string, string> = {
  addition: "added",
  attr: "property",
  attribute: "property",
  built_in: "builtin",
  comment: "comment",
  deletion: "removed",
  doctag: "meta",
  keyword: "keyword",
  literal: "atom",
  meta: "meta",
  name: "tag",
  number: "number",
  property: "property",
  quote: "comment",
  regexp: "string",
  section: "title",
  "selector-class": "title",
  "selector-id": "title",
  "selector-pseudo": "meta",
  "selector-tag": "tag",
  string: "string",
  symbol: "atom",
  "template-variable": "variable",
  title: "title",
  type: "type",
  variable: "variable",
  "variable.language": "builtin",
};

/** The grammar for a language name of a fence, or null. */
export function grammarOf(name: string): string | null {
  register();
  return hljs.getLanguage(name) ? name : null;
}

/** `code` as nodes with classes; `grammar` is from `grammarOf`. */
export function highlight(code: string, grammar: string, document: Document): DocumentFragment {
  const result = hljs.highlight(code, { language: grammar, ignoreIllegals: true });
  const fragment = document.createDocumentFragment();
  append(fragment, (result._emitter as TokenTree).root);
  return fragment;
}

function append(parent: Element | DocumentFragment, token: CodeToken): void {
  for (const child of token.children) {
    if (typeof child === "string") appendVisible(parent, child);
    else append(coloured(parent, child), child);
  }
}

/** A span for the parts of a token, or the parent itself if its scope has no colour. */
function coloured(parent: Element | DocumentFragment, token: CodeToken): Element | DocumentFragment {
  const scope = token.scope ?? "";
  const name = CLASSES[scope] ?? CLASSES[scope.split(".")[0] ?? ""];
  if (!name) return parent;
  const span = parent.ownerDocument.createElement("span");
  span.className = `nbs-hl-${name}`;
  return parent.appendChild(span);
}

let registered = false;

/** Grammars are built when first needed, not while the page starts. */
function register(): void {
  if (registered) return;
  registered = true;
  hljs.configure({ __emitter: TokenTree });
  for (const [name, grammar] of Object.entries(GRAMMARS)) hljs.registerLanguage(name, grammar);
  for (const [alias, languageName] of ALIASES) hljs.registerAliases(alias, { languageName });
}
