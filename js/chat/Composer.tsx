/** Where the next message is written: text, images, the model that answers, and Send ⇄ Stop. */

import { type ReadonlySignal, useComputed, useSignal } from "@preact/signals";
import { StopIcon } from "../view/icons";
import { NoticeLine, STOP_UNHEARD } from "../view/messages";
import { AttachButton, Thumbnails } from "./ImageAttachments";
import { SendIcon } from "./icons";
import { ModelPicker } from "./ModelPicker";
import { TextBox } from "./TextBox";
import { useSender, useView } from "./view-state";

const OVERDUE =
  "The kernel has not answered yet. It is busy with something else, or it was restarted: then run the cell again.";

export function Composer() {
  const view = useView();
  const { chat, attachments } = view;
  const draft = useSignal("");
  const { send, refusal } = useSender();
  const ready = useComputed(
    () => !attachments.reading.value && (draft.value.trim() !== "" || attachments.images.value.length > 0),
  );
  const submit = async () => {
    if (chat.busy.value || !ready.value) return;
    const [text, images] = [draft.value, attachments.images.value];
    draft.value = "";
    attachments.set([]);
    view.follower.pin();
    if (await send({ t: "send", text, images: [...images] })) return;
    // What was refused goes back into the box, unless the reader has begun something else.
    draft.value ||= text;
    if (attachments.images.value.length === 0) attachments.set(images);
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === "ArrowUp" && draft.value === "" && view.editLast()) event.preventDefault();
  };
  const onPaste = (event: ClipboardEvent) => {
    const { files, types } = event.clipboardData ?? new DataTransfer();
    // Spreadsheets and word processors add a picture of the text.
    if (files.length === 0 || types.includes("text/plain")) return;
    event.preventDefault();
    attachments.add([...files]);
  };
  return (
    <div class="nbs-composer">
      <Trouble refusal={refusal} />
      <div class="nbs-writing">
        <Thumbnails />
        <TextBox
          area={(element) => {
            view.input = element;
          }}
          text={draft}
          label="Message"
          placeholder={chat.store.meta.value.placeholder}
          onSubmit={submit}
          onKey={onKey}
          onPaste={onPaste}
        />
        <div class="nbs-bar">
          <AttachButton />
          <ModelPicker />
          <SendOrStop ready={ready} onSend={submit} />
        </div>
      </div>
    </div>
  );
}

function Trouble({ refusal }: { refusal: ReadonlySignal<string> }) {
  const { chat, attachments } = useView();
  const texts = [
    refusal.value,
    attachments.trouble.value,
    chat.overdue.value && OVERDUE,
    chat.stopper.state.value === "unheard" && STOP_UNHEARD,
  ];
  return (
    <div role="status">
      {texts.filter(Boolean).map((text) => (
        <NoticeLine key={text} text={text || ""} />
      ))}
    </div>
  );
}

interface SendOrStopProps {
  ready: ReadonlySignal<boolean>;
  onSend: () => void;
}

/** One and the same button, so that it keeps the focus. */
function SendOrStop({ ready, onSend }: SendOrStopProps) {
  const { busy, stopper } = useView().chat;
  if (!busy.value)
    return (
      <button
        type="button"
        class="nbs-send"
        aria-label="Send"
        title="Send (Enter)"
        aria-disabled={!ready.value}
        onClick={onSend}
      >
        <SendIcon />
      </button>
    );
  const asked = stopper.state.value === "asked";
  return (
    <button
      type="button"
      class="nbs-send nbs-send-stop"
      aria-label={asked ? "Stopping…" : "Stop"}
      title="Stop the answer and keep what has arrived (Esc)"
      aria-disabled={asked}
      onClick={() => stopper.request()}
    >
      <StopIcon />
    </button>
  );
}
