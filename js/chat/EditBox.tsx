/** The box for editing a sent message. */

import { useLayoutEffect, useRef } from "preact/hooks";
import { NoticeLine } from "../reply/messages";
import { TextBox } from "./TextBox";
import { type Edit, useSender, useView } from "./view-state";

export function EditBox({ turn, text }: Edit) {
  const view = useView();
  const { send, refusal } = useSender();
  const box = useRef<HTMLDivElement>(null);
  const area = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    if (box.current) view.bottom.reveal(box.current);
    area.current?.focus({ preventScroll: true });
    area.current?.setSelectionRange(-1, -1);
  }, [view]);
  const ready = !view.chat.busy.value && (text.value.trim() !== "" || turn.head.value.images.length > 0);
  const submit = async () => {
    if (ready && (await send({ name: "edit", id: turn.id, text: text.value }))) view.endEdit();
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
          <button type="button" class="nbs-button nbs-framed" aria-disabled={!ready} onClick={submit}>
            Send again
          </button>
        </div>
      </div>
      {refusal.value && <NoticeLine text={refusal.value} />}
    </div>
  );
}
