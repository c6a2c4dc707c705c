/** The model's part of a turn: its tool calls and its reply, with their buttons. */

import { useComputed, useSignal, useSignalEffect } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { TurnStore } from "../core/chat-store";
import { isOver } from "../core/store";
import { InspectButton, InspectorPanel, useInspecting } from "../reply/inspecting";
import { ReplyContents } from "../reply/ReplyView";
import { VersionPager } from "../reply/VersionPager";
import { FoldButton, isLong } from "./folding";
import { DeleteIcon, RegenerateIcon } from "./icons";
import { type Sender, useView } from "./view-state";

const LONG = { characters: 8000, lines: 120 };

export interface AnswerProps {
  turn: TurnStore;
  send: Sender["send"];
  /** Requests another version; undefined if the chat is read-only. */
  onRegenerate: (() => void) | undefined;
  /** Requests the rest of an answer that was cut; undefined if the chat is read-only. */
  onContinue: (() => void) | undefined;
}

export function Answer({ turn, send, onRegenerate, onContinue }: AnswerProps) {
  const { reply } = turn;
  const done = useComputed(() => isOver(reply.status.value));
  // An answer that was seen streaming is not folded when it ends.
  const open = useSignal(!done.peek());
  useSignalEffect(() => {
    if (!done.value) open.value = true;
  });
  const long = useComputed(() => done.value && isLong(reply.text.value, LONG));
  const view = useView();
  const decide = (call: string, allow: boolean) => {
    view.keepFocus();
    send({ name: "approve", id: turn.id, reply: reply.id, call, allow });
  };
  const { chat } = view;
  const rate =
    chat.kind === "live"
      ? (score: 1 | 0 | -1, note: string) =>
          chat.send({ name: "rate", id: turn.id, reply: reply.id, score, note })
      : undefined;
  const { version } = turn.head.value;
  const inspectable = useMemo(
    () => (chat.kind === "live" ? chat.inspectable(turn.id, version) : undefined),
    [chat, turn.id, version],
  );
  const inspecting = useInspecting(inspectable?.id);
  return (
    <div class="nbs-answer" data-folded={(long.value && !open.value) || undefined}>
      <ReplyContents
        store={reply}
        onRetry={onRegenerate}
        onContinue={onContinue}
        onDecide={decide}
        onRate={rate}
        below={long.value && <FoldButton open={open} />}
        always={inspectable && <InspectButton inspectable={inspectable} open={inspecting} />}
        actions={<Actions turn={turn} send={send} onRegenerate={onRegenerate} />}
      />
      {inspectable && inspecting.value && <InspectorPanel inspectable={inspectable} />}
    </div>
  );
}

function Actions({ turn, send, onRegenerate }: Omit<AnswerProps, "onContinue">) {
  const { version, versions } = turn.head.value;
  return (
    <>
      <VersionPager
        version={version}
        versions={versions}
        onChoose={(chosen) => send({ name: "choose", id: turn.id, version: chosen })}
      />
      {onRegenerate && <ChangingActions turn={turn} send={send} onRegenerate={onRegenerate} />}
    </>
  );
}

function ChangingActions({ turn, send, onRegenerate }: Omit<AnswerProps, "onContinue">) {
  const view = useView();
  const remove = () => {
    view.keepFocus();
    send({ name: "delete", id: turn.id });
  };
  return (
    <>
      <button
        type="button"
        class="nbs-button"
        aria-label="Regenerate"
        title="Regenerate as a new version"
        aria-disabled={view.chat.busy.value}
        onClick={onRegenerate}
      >
        <RegenerateIcon />
      </button>
      <button
        type="button"
        class="nbs-button"
        aria-label="Delete turn"
        title="Delete this turn"
        onClick={remove}
      >
        <DeleteIcon />
      </button>
    </>
  );
}
