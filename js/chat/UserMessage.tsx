/** The user's message of a turn. */

import { useComputed, useSignal } from "@preact/signals";
import type { TurnStore } from "../core/chat-store";
import { inlineImage } from "../render/urls";
import { CopyButton } from "../reply/Footer";
import { EditBox } from "./EditBox";
import { FoldButton, isLong } from "./folding";
import { EditIcon } from "./icons";
import { UserText } from "./UserText";
import { useView } from "./view-state";

const LONG = { characters: 1600, lines: 20 };

export function UserMessage({ turn }: { turn: TurnStore }) {
  const edit = useView().edit.value;
  return edit?.turn === turn ? <EditBox {...edit} /> : <Message turn={turn} />;
}

function Message({ turn }: { turn: TurnStore }) {
  const view = useView();
  const { text, images } = turn.head.value;
  const source = useComputed(() => turn.head.value.text);
  const open = useSignal(false);
  const long = isLong(text, LONG);
  return (
    <section class="nbs-user" aria-label="You">
      <Images urls={images} />
      <div class="nbs-user-row">
        {text && (
          <div class="nbs-bubble" data-folded={(long && !open.value) || undefined}>
            <UserText text={text} />
          </div>
        )}
        <div class="nbs-actions">
          {long && <FoldButton open={open} />}
          <CopyButton label="Copy message" text={source} />
          {view.chat.kind === "live" && (
            <button
              type="button"
              class="nbs-button"
              aria-label="Edit message"
              title="Edit and send again, as a new version"
              onClick={() => view.beginEdit(turn)}
            >
              <EditIcon />
            </button>
          )}
        </div>
      </div>
    </section>
  );
}

/** Only data: URLs are shown, so no request is made. */
function Images({ urls }: { urls: readonly string[] }) {
  const shown = urls.map(inlineImage).filter((url) => url !== null);
  if (shown.length === 0) return null;
  return (
    <div class="nbs-images">
      {shown.map((url, index) => (
        <img key={url} src={url} alt={`Attachment ${index + 1}`} decoding="async" />
      ))}
    </div>
  );
}
