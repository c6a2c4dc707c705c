/** The input box: text, images, the model that answers, and Send ⇄ Stop. */

import { type ReadonlySignal, type Signal, useComputed, useSignal } from "@preact/signals";
import { STOP_UNHEARD } from "../kernel/stop";
import { StopIcon } from "../reply/icons";
import { NoticeLine } from "../reply/messages";
import type { Attachments } from "./attachments";
import { AttachButton, Thumbnails } from "./ImageAttachments";
import { SendIcon } from "./icons";
import { ModelPicker } from "./ModelPicker";
import { TextBox } from "./TextBox";
import { useLive, useSender, useView } from "./view-state";

const OVERDUE =
  "The kernel has not responded yet. It is busy or was restarted; after a restart, run the cell again.";

export function Composer() {
  const view = useView();
  const draft = useSignal("");
  const { submit, ready, refusal } = useSubmit(draft);
  const onKey = (event: KeyboardEvent) => {
    if (event.key === "ArrowUp" && draft.value === "" && view.editLast()) event.preventDefault();
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
          placeholder={view.chat.store.meta.value.placeholder}
          onSubmit={submit}
          onKey={onKey}
          onPaste={(event) => takePasted(event, view.attachments)}
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

/** Sends the text and images, and restores them if they are refused. */
function useSubmit(draft: Signal<string>) {
  const { chat, attachments, bottom } = useView();
  const { send, refusal } = useSender();
  const ready = useComputed(
    () => !attachments.reading.value && (draft.value.trim() !== "" || attachments.images.value.length > 0),
  );
  const submit = async () => {
    if (chat.busy.value || !ready.value) return;
    const [text, images] = [draft.value, attachments.images.value];
    draft.value = "";
    attachments.set([]);
    bottom.pin();
    if (await send({ name: "send", text, images: [...images] })) return;
    // Unless the user has started another message.
    draft.value ||= text;
    if (attachments.images.value.length === 0) attachments.set(images);
  };
  return { submit, ready, refusal };
}

function takePasted(event: ClipboardEvent, attachments: Attachments): void {
  const { files, types } = event.clipboardData ?? new DataTransfer();
  // Spreadsheets and word processors add a picture of the text.
  if (files.length === 0 || types.includes("text/plain")) return;
  event.preventDefault();
  attachments.add([...files]);
}

function Trouble({ refusal }: { refusal: ReadonlySignal<string> }) {
  const { attachments } = useView();
  const chat = useLive();
  const texts = [
    refusal.value,
    attachments.trouble.value,
    chat.overdue.value && OVERDUE,
    chat.stopControl.state.value === "unheard" && STOP_UNHEARD,
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

/** The same element for both, so that it keeps the focus. */
function SendOrStop({ ready, onSend }: SendOrStopProps) {
  const { busy, stopControl } = useLive();
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
  const asked = stopControl.state.value === "asked";
  return (
    <button
      type="button"
      class="nbs-send nbs-send-stop"
      aria-label={asked ? "Stopping…" : "Stop"}
      title="Stop and keep the partial answer (Esc)"
      aria-disabled={asked}
      onClick={() => stopControl.request()}
    >
      <StopIcon />
    </button>
  );
}
