/** Writes what was drawn as the HTML that CommonMark's examples show, without attributes. */

const TAG = /<(\/?(?:a|br|img|ol|code|h[1-6]|p|pre|ul|li|em|strong|blockquote|hr))(?: [^>]*)?>/g;
const VOID = new Set(["br", "hr", "img"]);

/** `root` as HTML: without our additions, with refused links and image chips as their source. */
export function asCommonMark(root: Element): string {
  return squeeze([...root.querySelectorAll("section")].map(inside).join(""));
}

/** The HTML of an example in the same form. */
export function expected(html: string): string {
  return squeeze(
    html.replace(TAG, "<$1>").replaceAll("<br>\n", "<br>").replaceAll("\n</code></pre>", "</code></pre>"),
  );
}

/** White space between blocks has no meaning. */
function squeeze(html: string): string {
  const block = "(/?(?:p|h[1-6]|ul|ol|li|blockquote|pre|hr|table|thead|tbody|tr|th|td))";
  return html.replace(new RegExp(`\\s*<${block}>\\s*`, "g"), "<$1>").trim();
}

function inside(node: Node): string {
  return [...node.childNodes].map(html).join("");
}

function html(node: Node): string {
  if (node.nodeType === 3) return escaped((node as Text).data);
  const element = node as Element;
  const special = SPECIAL[element.classList[0] ?? ""];
  if (special) return special(element);
  if (isTightParagraph(element)) return inside(element);
  const tag = element.localName;
  return VOID.has(tag) ? `<${tag}>` : `<${tag}>${inside(element)}</${tag}>`;
}

const SPECIAL: Record<string, (element: Element) => string> = {
  "nbs-code": (element) => `<pre><code>${escaped(codeOf(element))}</code></pre>`,
  "nbs-hidden-char": () => "",
  "nbs-host": () => "",
  "nbs-image": () => "<img>",
  "nbs-refused": (element) => `<a>${inside(element)}</a>`,
};

function codeOf(block: Element): string {
  return (block.querySelector("code")?.textContent ?? "").replace(/\n$/, "");
}

/** A paragraph in an item of a tight list: CommonMark writes only its content. */
function isTightParagraph(element: Element): boolean {
  const list =
    element.localName === "p" &&
    element.parentElement?.localName === "li" &&
    element.parentElement.parentElement;
  return list ? !list.classList.contains("nbs-loose") : false;
}

function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
