/** The reader's part of a turn, and the box in which it is edited. */

import { type Signal, useComputed, useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { TurnStore } from "../core/chat-store";
import { inlineImage } from "../render/urls";
import { CopyButton } from "../view/Footer";
import { NoticeLine } from "../view/messages";
import { FoldButton, isLong } from "./folding";
import { EditIcon } from "./icons";
import { SaidText } from "./SaidText";
import { TextBox } from "./TextBox";
import { useSender, useView } from "./view-state";

const LONG = { characters: 1600, lines: 20 };

export function Said({ turn }: { turn: TurnStore }) {
  const edit = useView().edit.value;
  return edit?.turn === turn ? <EditBox turn={turn} text={edit.text} /> : <Message turn={turn} />;
}

function Message({ turn }: { turn: TurnStore }) {
  const view = useView();
  const { text, images } = turn.head.value;
  const source = useComputed(() => turn.head.value.text);
  const open = useSignal(false);
  const long = isLong(text, LONG);
  return (
    <section class="nbs-said" aria-label="You">
      <Images urls={images} />
      <div class="nbs-said-row">
        {text && (
          <div class="nbs-bubble" data-folded={(long && !open.value) || undefined}>
            <SaidText text={text} />
          </div>
        )}
        <div class="nbs-actions">
          {long && <FoldButton open={open} />}
          <CopyButton label="Copy message" text={source} />
          <button
            type="button"
            class="nbs-button"
            aria-label="Edit message"
            title="Edit and send again, as a new version"
            onClick={() => view.beginEdit(turn)}
          >
            <EditIcon />
          </button>
        </div>
      </div>
    </section>
  );
}

/** Only images that are contained in their URL are shown: no request is made. */
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

function EditBox({ turn, text }: { turn: TurnStore; text: Signal<string> }) {
  const view = useView();
  const { send, refusal } = useSender();
  const box = useRef<HTMLDivElement>(null);
  const area = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    if (box.current) view.follower.reveal(box.current);
    area.current?.focus({ preventScroll: true });
    area.current?.setSelectionRange(-1, -1);
  }, [view]);
  const submit = async () => {
    if (view.chat.busy.value || text.value.trim() === "") return;
    if (await send({ t: "edit", id: turn.id, text: text.value })) view.endEdit();
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    view.endEdit();
  };
  return (
    <div ref={box} class="nbs-edit">
      <div class="nbs-writing">
        <TextBox area={area} text={text} label="Edit message" onSubmit={submit} onKey={onKey} />
        <div class="nbs-bar">
          <button type="button" class="nbs-button nbs-framed" onClick={() => view.endEdit()}>
            Cancel
          </button>
          <button
            type="button"
            class="nbs-button nbs-framed"
            aria-disabled={view.chat.busy.value || text.value.trim() === ""}
            onClick={submit}
          >
            Send again
          </button>
        </div>
      </div>
      {refusal.value && <NoticeLine text={refusal.value} />}
    </div>
  );
}
