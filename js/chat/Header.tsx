/** The line above the messages: the chat's title, and the actions for the whole chat. */

import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { visible } from "../render";
import { NoticeLine } from "../reply/messages";
import { DeleteIcon, DownloadIcon, SettingsIcon, UndoIcon } from "./icons";
import { Popover } from "./Popover";
import { Settings } from "./Settings";
import { type Sender, useSender, useView } from "./view-state";

const FORMATS = [
  ["markdown", "Markdown, to read"],
  ["jsonl", "JSON lines, to load again"],
] as const;

export function Header() {
  const view = useView();
  const { store } = view.chat;
  const { title, can_undo } = store.meta.value;
  const { send, refusal } = useSender();
  const settings = useSignal(false);
  const empty = store.turns.value.length === 0;
  const run = (name: "undo" | "clear") => {
    view.keepFocus();
    send({ name });
  };
  const settingsButton = useRef<HTMLButtonElement>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || event.isComposing || !settings.value) return;
    // Esc must not also stop the answer. The field loses the focus before it is removed, which sends its
    // text.
    event.preventDefault();
    settingsButton.current?.focus();
    settings.value = false;
  };
  return (
    <header class="nbs-header">
      <div class="nbs-title-bar">
        <h2 class="nbs-title">{visible(title)}</h2>
        {can_undo && (
          <button
            type="button"
            class="nbs-button"
            title="Undo the last delete, clear or load"
            onClick={() => run("undo")}
          >
            <UndoIcon />
            Undo
          </button>
        )}
        <DownloadMenu send={send} disabled={empty} />
        <button
          type="button"
          class="nbs-button"
          aria-label="Clear the chat"
          title="Clear the chat"
          disabled={empty}
          onClick={() => run("clear")}
        >
          <DeleteIcon />
        </button>
        <button
          ref={settingsButton}
          type="button"
          class="nbs-button"
          aria-label="Settings"
          title="System prompt and parameters"
          aria-expanded={settings.value}
          onKeyDown={onKeyDown}
          onClick={() => {
            settings.value = !settings.value;
          }}
        >
          <SettingsIcon />
        </button>
      </div>
      {refusal.value && <NoticeLine text={refusal.value} />}
      {settings.value && <Settings onKeyDown={onKeyDown} />}
    </header>
  );
}

function DownloadMenu({ send, disabled }: Pick<Sender, "send"> & { disabled: boolean }) {
  return (
    <Popover title="Download" class="nbs-button" face={<DownloadIcon />} disabled={disabled}>
      {(close) =>
        FORMATS.map(([format, label]) => (
          <button
            key={format}
            type="button"
            class="nbs-option"
            onClick={() => {
              close();
              send({ name: "download", format });
            }}
          >
            {label}
          </button>
        ))
      }
    </Popover>
  );
}
