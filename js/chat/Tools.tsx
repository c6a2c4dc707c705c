/** The tool calls of an answer: a row each, which unfolds to arguments and result. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { ToolActivity } from "../core/chat-protocol";
import type { TurnStore } from "../core/chat-store";
import { visible } from "../render";
import { ToolIcon } from "./icons";
import { SCROLLABLE } from "./scrollable";
import { type Sender, useView } from "./view-state";

const WORDS: Record<ToolActivity["state"], string> = {
  writing: "writing arguments…",
  asking: "asks for approval",
  running: "running…",
  returned: "done",
  failed: "failed",
  refused: "refused",
};

export interface ToolsProps {
  turn: TurnStore;
  send: Sender["send"];
}

export function Tools({ turn, send }: ToolsProps) {
  const view = useView();
  const answer = (call: string, allow: boolean) => {
    view.keepFocus();
    send({ t: "approve", id: turn.id, call, allow });
  };
  return (
    <>
      {turn.tools.value.map((call) => (
        <ToolRow key={call.id} call={call} onAnswer={(allow) => answer(call.id, allow)} />
      ))}
    </>
  );
}

interface ToolRowProps {
  call: ToolActivity;
  onAnswer: (allow: boolean) => void;
}

function ToolRow({ call, onAnswer }: ToolRowProps) {
  const { name, state, result } = call;
  const asking = state === "asking";
  const open = useSignal(asking);
  // Nobody can approve what they have not seen.
  useEffect(() => {
    open.value = asking;
  }, [asking, open]);
  return (
    <details
      class="nbs-tool"
      data-state={state}
      open={open.value}
      onToggle={(event) => {
        open.value = event.currentTarget.open;
      }}
    >
      <summary>
        <ToolIcon />
        <code>{visible(name)}</code>
        <span class="nbs-tool-state">{WORDS[state]}</span>
      </summary>
      <Content label="Arguments" text={state === "writing" ? call.arguments : indented(call.arguments)} />
      {result !== null && <Content label="Result" text={result} />}
      {asking && (
        <div class="nbs-approval">
          <button type="button" class="nbs-button nbs-primary" onClick={() => onAnswer(true)}>
            Approve
          </button>
          <button type="button" class="nbs-button nbs-framed" onClick={() => onAnswer(false)}>
            Refuse
          </button>
        </div>
      )}
    </details>
  );
}

function Content({ label, text }: { label: string; text: string }) {
  return (
    <>
      <p class="nbs-hint">{label}</p>
      <section class="nbs-raw" aria-label={label} {...SCROLLABLE}>
        {visible(text)}
      </section>
    </>
  );
}

/** JSON on lines of its own; as it is where it is no JSON. */
function indented(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}
