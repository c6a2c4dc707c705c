/** The tool calls of an answer: one row each, which unfolds to its arguments and result. */

import { useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { ToolActivity } from "../core/protocol";
import type { ReplyStore } from "../core/store";
import { exposed } from "../render";
import { announce } from "./announce";
import { DeliberatePress } from "./deliberate-press";
import { ToolIcon } from "./icons";
import { SCROLLABLE } from "./scrollable";

const WORDS: Record<ToolActivity["state"], string> = {
  writing: "writing arguments…",
  asking: "asks for approval",
  running: "running…",
  returned: "done",
  failed: "failed",
  refused: "refused",
  unfinished: "no result",
};

/** How many characters of the arguments are shown next to the name: more than fit into the line. */
const PREVIEW = 200;

/** The user's decision on a call that needs approval. */
export type Decide = (call: string, allow: boolean) => void;

export interface ToolCallsProps {
  store: ReplyStore;
  /** Without it calls are only shown. */
  onDecide: Decide | undefined;
}

export function ToolCalls({ store, onDecide }: ToolCallsProps) {
  return (
    <>
      {store.tools.value.map((call, at) => (
        // Calls keep their places, and some servers give several the same id.
        <ToolRow key={at} call={call} onDecide={onDecide} />
      ))}
    </>
  );
}

interface ToolRowProps {
  call: ToolActivity;
  onDecide: Decide | undefined;
}

function ToolRow({ call, onDecide }: ToolRowProps) {
  const { name, state, result } = call;
  const asking = state === "asking";
  const open = useSignal(asking);
  const summary = useRef<HTMLElement>(null);
  // Nobody can approve what they have not seen.
  useEffect(() => {
    open.value = asking;
    if (asking) announce(`${exposed(name)} ${WORDS.asking}`);
  }, [asking, open, name]);
  const decide = (allow: boolean) => {
    onDecide?.(call.id, allow);
    // The buttons disappear: keyboard users must keep their place.
    if (summary.current?.closest("details:focus-within")) summary.current.focus();
  };
  return (
    <details
      class="nbs-tool"
      data-state={state}
      open={open.value}
      onToggle={(event) => {
        open.value = event.currentTarget.open;
      }}
    >
      <summary ref={summary}>
        <ToolIcon />
        <code>{exposed(name)}</code>
        <span class="nbs-tool-state">{WORDS[state]}</span>
        <code class="nbs-tool-preview">{exposed(call.arguments.slice(0, PREVIEW))}</code>
      </summary>
      <Arguments call={call} />
      {result !== null && <Content label="Result" text={result} />}
      {asking && onDecide && <Approval name={name} onAnswer={decide} />}
    </details>
  );
}

interface ApprovalProps {
  name: string;
  onAnswer: (allow: boolean) => void;
}

function Approval({ name, onAnswer }: ApprovalProps) {
  const group = useRef<HTMLDivElement>(null);
  const press = useMemo(() => new DeliberatePress(), []);
  useEffect(() => (group.current ? press.watch(group.current) : undefined), [press]);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms.
    <div ref={group} class="nbs-approval" role="group" aria-label={`May ${exposed(name)} run?`}>
      <button
        type="button"
        class="nbs-button nbs-primary"
        aria-disabled={!press.ready.value}
        onPointerDown={press.begin}
        onKeyDown={(event) => press.key(event)}
        onClick={() => press.counts() && onAnswer(true)}
      >
        Approve
      </button>
      <button type="button" class="nbs-button nbs-framed" onClick={() => onAnswer(false)}>
        Refuse
      </button>
    </div>
  );
}

/** The parsed arguments, if they are known; otherwise the text that the model wrote. */
function Arguments({ call }: { call: ToolActivity }) {
  if (!call.shown) {
    const text = call.state === "writing" ? call.arguments : indented(call.arguments);
    return <Content label="Arguments" text={text} />;
  }
  return (
    <>
      <p class="nbs-hint">Arguments</p>
      <section class="nbs-arguments" aria-label="Arguments" {...SCROLLABLE}>
        {call.shown.length === 0 ? "none" : <Values lines={call.shown} />}
      </section>
    </>
  );
}

function Values({ lines }: { lines: [string, string][] }) {
  return (
    <dl>
      {lines.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Content({ label, text }: { label: string; text: string }) {
  return (
    <>
      <p class="nbs-hint">{label}</p>
      <section class="nbs-raw" aria-label={label} {...SCROLLABLE}>
        {exposed(text)}
      </section>
    </>
  );
}

/** More digits than a JavaScript number can represent: the shown value would differ from the argument. */
const LONG_NUMBER = /\d{16}/;

/** Indented JSON; the text unchanged if it is not JSON, or would change. */
function indented(json: string): string {
  if (LONG_NUMBER.test(json)) return json;
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}
