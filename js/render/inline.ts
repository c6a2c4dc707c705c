import type { DrawContext } from "./context";
import type { Attributes, Cursor, Tag } from "./cursor";
import { drawMath } from "./formula";
import { ImageChip } from "./image";
import { visible } from "./invisible";
import type { Token } from "./markdown";
import { linkTarget, showsHost, type Target } from "./urls";

const TAGS: Record<string, Tag> = { em_open: "em", s_open: "del", strong_open: "strong" };
/** Elements for tags that the model writes. */
const WRITTEN: Record<string, Tag> = {
  b: "strong",
  code: "code",
  del: "del",
  em: "em",
  i: "em",
  ins: "ins",
  kbd: "kbd",
  mark: "mark",
  s: "del",
  strong: "strong",
  sub: "sub",
  sup: "sup",
  u: "u",
};
/** Tokens without nesting that are not text. */
const ELEMENTS = new Set(["code_inline", "hardbreak", "image", "math_inline"]);
/** Maximum length of a refused address that is shown. */
const MAX_REFUSED = 200;

interface Link {
  /** Null if it is refused. */
  target: Target | null;
  /** Its text so far. */
  text: string;
}

/** Draws the inline tokens of one block. */
export function drawInline(cursor: Cursor, tokens: readonly Token[], context: DrawContext): void {
  const inline = new Inline(cursor, context);
  for (const token of tokens) inline.draw(token);
  inline.flush();
}

/** Draws inline tokens in order; adjacent text becomes one text node. */
class Inline {
  static readonly #DRAW: Record<string, (inline: Inline, token: Token) => void> = {
    code_inline: (inline, token) => inline.#code(token.content),
    hardbreak: (inline) => inline.cursor.leaf("br"),
    image: (inline, token) => inline.#image(token),
    link_close: (inline) => inline.#closeLink(),
    link_open: (inline, token) => inline.#openLink(String(token.attrGet("href") ?? "")),
    math_inline: (inline, token) => inline.#math(token),
  };

  #pending = "";
  /** The open links, outermost first; a nested link is text, as links do not nest. */
  readonly #links: Link[] = [];

  constructor(
    readonly cursor: Cursor,
    readonly context: DrawContext,
  ) {}

  draw(token: Token): void {
    const text = textOf(token);
    if (text !== null) this.#text(text);
    else {
      this.flush();
      this.#element(token);
    }
  }

  flush(): void {
    this.cursor.text(this.#pending);
    this.#pending = "";
  }

  #text(text: string): void {
    this.#pending += text;
    this.#addToLink(text);
  }

  #addToLink(text: string): void {
    if (this.#links[0]) this.#links[0].text += text;
  }

  #element(token: Token): void {
    const draw = Inline.#DRAW[token.type];
    if (draw) draw(this, token);
    else if (token.nesting > 0) this.cursor.open(TAGS[token.type] ?? WRITTEN[token.tag] ?? "span");
    else this.cursor.close();
  }

  #code(content: string): void {
    this.#addToLink(content);
    this.cursor.open("code");
    this.cursor.text(content);
    this.cursor.close();
  }

  #openLink(href: string): void {
    const target = linkTarget(href);
    const inner = this.#links.length > 0;
    this.#links.push({ target: inner ? null : target, text: "" });
    if (inner) this.cursor.open("span");
    else if (target) this.cursor.open("a", linkAttributes(target.href));
    else this.cursor.open("span", refusedAttributes(href));
  }

  #closeLink(): void {
    const link = this.#links.pop();
    this.cursor.close();
    if (link?.target && !showsHost(link.text, link.target.host)) this.#host(link.target.host);
  }

  /** The target of a link, in small print after it. */
  #host(host: string): void {
    this.cursor.open("span", { class: "nbs-host" });
    this.cursor.text(` (${host})`);
    this.cursor.close();
  }

  /** An image, or its description inside a link: a button is not allowed there. */
  #image(token: Token): void {
    const alt = altText(token.children ?? []);
    if (this.#links.length) this.#text(alt || "image");
    else this.#chip(String(token.attrGet("src") ?? ""), alt);
  }

  #chip(source: string, alt: string): void {
    const same = (chip: ImageChip) => chip.is(source, alt);
    if (!this.cursor.take(ImageChip, same)) this.cursor.put(new ImageChip(this.cursor.document, source, alt));
  }

  #math({ content, markup }: Token): void {
    const display = markup === "$$" || markup === "\\[";
    drawMath(this.cursor, content, display, true, this.context);
  }
}

/** The characters of a token, or null if it is not text. */
function textOf(token: Token): string | null {
  if (token.type === "softbreak") return "\n";
  return token.nesting || ELEMENTS.has(token.type) ? null : token.content;
}

/** The description of an image: the text between its brackets. */
function altText(tokens: readonly Token[]): string {
  return tokens
    .map((token) => (token.children ? altText(token.children) : (textOf(token) ?? token.content)))
    .join("");
}

function linkAttributes(href: string): Attributes {
  return {
    href,
    target: "_blank",
    rel: "noopener noreferrer nofollow",
    referrerpolicy: "no-referrer",
  };
}

function refusedAttributes(href: string): Attributes {
  return { class: "nbs-refused", title: `Not a web address: ${visible(href.slice(0, MAX_REFUSED))}` };
}
