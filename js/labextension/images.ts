/**
 * Images of a saved answer. The notebook keeps each once, in the Markdown of the output; the reply names it by its
 * label there (`nbstream/views/beside.py`).
 */

import type { Citation } from "../core/protocol";
import { type Fields, isRecord, text } from "./fields";

/** Most of either that are read: more than are ever saved. */
const MOST_IMAGES = 100;
const MOST_CITATIONS = 500;

const LABELLED = /^!\[(Image \d{1,3})\]\((data:image\/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]+)\)$/gm;

/** The reply with the images that stand in the Markdown of its output. */
export function withImages(reply: Fields, markdown: unknown): Fields {
  const images = textsOf(reply.images);
  if (images.length === 0) return reply;
  const written = Array.isArray(markdown) ? textsOf(markdown).join("") : (text(markdown) ?? "");
  const labelled = new Map(Array.from(written.matchAll(LABELLED), ([, label, url]) => [label, url]));
  return { ...reply, images: images.map((image) => labelled.get(image) ?? image) };
}

/** Images and sources of a reply, as a snapshot has them: only where there are some. */
export function besideText(reply: Fields): { images?: string[]; citations?: Citation[] } {
  const images = textsOf(reply.images).slice(0, MOST_IMAGES);
  const rows = Array.isArray(reply.citations) ? reply.citations.filter(isRecord) : [];
  const citations = rows
    .slice(0, MOST_CITATIONS)
    .map(({ url, title }) => ({ url: text(url) ?? "", title: text(title) ?? "" }));
  return { ...(images.length > 0 && { images }), ...(citations.length > 0 && { citations }) };
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
