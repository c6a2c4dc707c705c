/** The images attached to the next message, and the button that adds one. */

import { useRef } from "preact/hooks";
import { AttachIcon, RemoveIcon } from "./icons";
import { IMAGE_TYPES } from "./images";
import { useView } from "./view-state";

export function Thumbnails() {
  const { attachments } = useView();
  const images = attachments.images.value;
  if (images.length === 0) return null;
  return (
    <ul class="nbs-thumbnails" aria-label="Attached images">
      {images.map((url, index) => (
        <li key={url}>
          <img src={url} alt={`Attachment ${index + 1}`} />
          <button
            type="button"
            class="nbs-remove"
            aria-label={`Remove attachment ${index + 1}`}
            title="Remove"
            onClick={() => attachments.remove(index)}
          >
            <RemoveIcon />
          </button>
        </li>
      ))}
    </ul>
  );
}

export function AttachButton() {
  const { attachments } = useView();
  const picker = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={picker}
        type="file"
        hidden
        multiple
        accept={IMAGE_TYPES.join(",")}
        onChange={async ({ currentTarget }) => {
          await attachments.add([...(currentTarget.files ?? [])]);
          // Otherwise the same file could not be chosen again.
          currentTarget.value = "";
        }}
      />
      <button
        type="button"
        class="nbs-button"
        aria-label="Attach an image"
        title="Attach an image (or paste or drop one)"
        onClick={() => picker.current?.click()}
      >
        <AttachIcon />
      </button>
    </>
  );
}
