import type { Widget } from "./cursor";
import { visible } from "./invisible";
import { imageTarget, inlineImage } from "./urls";

/**
 * An image of the answer. A remote one is a button that names its host and loads it when clicked, because the
 * request itself can leak data; a data: URL is shown at once; others are shown as their description.
 */
export class ImageChip implements Widget {
  readonly element: HTMLElement;
  readonly #alt: string;

  /** `source` is the address as written, `alt` the description. */
  constructor(
    document: Document,
    readonly source: string,
    alt: string,
  ) {
    this.#alt = visible(alt);
    this.element = document.createElement("span");
    this.element.className = "nbs-image";
    this.#show();
  }

  /** Whether this chip already shows that image. */
  is(source: string, alt: string): boolean {
    return this.source === source && this.#alt === visible(alt);
  }

  #show(): void {
    const contained = inlineImage(this.source);
    const target = imageTarget(this.source);
    if (contained) this.#load(contained);
    else if (target) this.#offer(`Load image from ${target.host}`, target.href);
    else this.#describe();
  }

  #describe(): void {
    this.element.textContent = this.#alt || "image";
    this.element.title = "This image is not on the web and cannot be shown.";
  }

  #offer(label: string, href: string): void {
    const button = this.element.ownerDocument.createElement("button");
    button.type = "button";
    button.className = "nbs-image-load";
    button.textContent = this.#alt ? `${this.#alt} · ${label}` : label;
    button.title = visible(href);
    button.addEventListener("click", () => this.#load(href));
    this.element.replaceChildren(button);
  }

  #load(href: string): void {
    const image = this.element.ownerDocument.createElement("img");
    image.referrerPolicy = "no-referrer";
    image.decoding = "async";
    image.alt = this.#alt;
    image.addEventListener("error", () => this.#failed(href));
    image.src = href;
    this.element.replaceChildren(image);
  }

  #failed(href: string): void {
    if (imageTarget(href)) this.#offer("Could not be loaded. Try again", href);
    else this.#describe();
  }
}
