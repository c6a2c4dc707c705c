/**
 * Images of a saved answer. The notebook contains each once, in the Markdown of the output; the reply refers
 * to its label there (`nbstream/views/beside.py`).
 */

import type { Attachment, Citation } from "../core/protocol";
import { type Fields, isRecord, text } from "./fields";

/** Maximum number of images and of sources to read: more than are ever saved. */
const MOST_IMAGES = 100;
const MOST_CITATIONS = 500;

const LABELLED = /^!\[(Image \d{1,3})\]\((data:image\/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]+)\)$/gm;

/** The reply with the images from the Markdown of its output. */
export function withImages(reply: Fields, markdown: unknown): Fields {
  const images = textsOf(reply.images);
  if (images.length === 0) return reply;
  const written = Array.isArray(markdown) ? textsOf(markdown).join("") : (text(markdown) ?? "");
  const labelled = new Map(Array.from(written.matchAll(LABELLED), ([, label, url]) => [label, url]));
  return { ...reply, images: images.map((image) => labelled.get(image) ?? image) };
}

/** The parts of a snapshot besides text, if there are any. */
interface Beside {
  images?: string[];
  citations?: Citation[];
  attachments?: Attachment[];
}

/** Images and sources of a reply and attachments of its prompt, in the form of a snapshot. */
export function besideText(reply: Fields): Beside {
  const images = textsOf(reply.images).slice(0, MOST_IMAGES);
  const rows = Array.isArray(reply.citations) ? reply.citations.filter(isRecord) : [];
  const citations = rows
    .slice(0, MOST_CITATIONS)
    .map(({ url, title }) => ({ url: text(url) ?? "", title: text(title) ?? "" }));
  const attachments = attachmentsOf(reply.attachments);
  return {
    ...(images.length > 0 && { images }),
    ...(citations.length > 0 && { citations }),
    ...(attachments.length > 0 && { attachments }),
  };
}

function attachmentsOf(value: unknown): Attachment[] {
  const rows = Array.isArray(value) ? value.filter(isRecord).slice(0, MOST_IMAGES) : [];
  return rows.map(({ name, note, alt, thumbnail }) => ({
    name: text(name) ?? "",
    note: text(note) ?? "",
    alt: text(alt) ?? "",
    thumbnail: text(thumbnail) ?? "",
  }));
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
