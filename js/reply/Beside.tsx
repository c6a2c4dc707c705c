/** Parts of an answer besides its text: images and sources. */

import { useLayoutEffect, useRef } from "preact/hooks";
import type { Attachment, Citation } from "../core/protocol";
import type { ReplyStore } from "../core/store";
import { ImageChip, linkTarget, visible } from "../render";

/** What was sent with the prompt, with thumbnails of images. */
export function Attachments({ store }: { store: ReplyStore }) {
  const attachments = store.attachments.value;
  if (attachments.length === 0) return null;
  return (
    <ul class="nbs-attachments" aria-label="Sent with the prompt">
      {attachments.map((attachment, index) => (
        <AttachmentItem key={index} {...attachment} />
      ))}
    </ul>
  );
}

function AttachmentItem({ name, note = "", alt = "", thumbnail = "" }: Attachment) {
  // Only data: URLs: a remote image would cause a request.
  const source = THUMBNAIL.test(thumbnail) ? thumbnail : "";
  return (
    <li>
      {source && <img src={source} alt={visible(alt)} title={visible(alt)} />}
      <span>{visible(name)}</span>
      {note && <span class="nbs-attachment-note">{visible(note)}</span>}
    </li>
  );
}

const THUMBNAIL = /^data:image\/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]+$/;

/** Images inside the answer are shown; a remote one is a button that loads it. */
export function Images({ store }: { store: ReplyStore }) {
  const images = store.images.value;
  if (images.length === 0) return null;
  return (
    <div class="nbs-pictures">
      {images.map((source, index) => (
        // Images are only added, so each keeps its place.
        <Picture key={index} source={source} label={`Image ${index + 1}`} />
      ))}
    </div>
  );
}

function Picture({ source, label }: { source: string; label: string }) {
  const host = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const here = host.current;
    here?.replaceChildren(new ImageChip(here.ownerDocument, source, label).element);
  }, [source, label]);
  return <div ref={host} />;
}

/** One line with the sources of the answer, numbered as its text may refer to them. */
export function Sources({ store }: { store: ReplyStore }) {
  const citations = store.citations.value;
  if (citations.length === 0) return null;
  return (
    <section class="nbs-sources" aria-label="Sources">
      <span class="nbs-sources-label">Sources</span>
      <ol>
        {citations.map((citation, index) => (
          <li key={citation.url + citation.title}>
            <span class="nbs-sources-number">{index + 1}</span> <Source {...citation} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function Source({ url, title }: Citation) {
  const target = linkTarget(url);
  const name = visible(title || target?.host || url);
  if (!target) return <span title={visible(url)}>{name}</span>;
  return (
    <>
      <a
        href={target.href}
        title={visible(target.href)}
        target="_blank"
        rel="noopener noreferrer nofollow"
        referrerpolicy="no-referrer"
      >
        {name}
      </a>
      {title && ` ${target.host}`}
    </>
  );
}
