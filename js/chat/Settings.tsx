/** System prompt and parameters, folded by default. Each is sent when it loses the focus. */

import { useSignal } from "@preact/signals";
import { NoticeLine } from "../reply/messages";
import { useSender, useView } from "./view-state";

/** Steps of the number fields; Python checks the values. */
const NUMBERS = [
  ["temperature", "Temperature", "0.1"],
  ["top_p", "Top P", "0.05"],
  ["max_tokens", "Max tokens", "1"],
  ["seed", "Seed", "1"],
] as const;

const EFFORTS = ["none", "minimal", "low", "medium", "high", "xhigh"];

export function Settings({ onKeyDown }: { onKeyDown: (event: KeyboardEvent) => void }) {
  const meta = useView().chat.store.meta.value;
  const { system, reasoning_effort: effort } = meta;
  const { send, refusal } = useSender();
  return (
    <fieldset class="nbs-settings" aria-label="Settings" onKeyDown={onKeyDown}>
      <label>
        System prompt
        <textarea
          class="nbs-input"
          rows={2}
          {...useDraft(system, (text) => send({ name: "set", system: text }))}
        />
      </label>
      {NUMBERS.map(([name, label, step]) => (
        <NumberField
          key={name}
          label={label}
          value={meta[name]}
          step={step}
          onCommit={(value) => send({ name: "set", [name]: value })}
        />
      ))}
      <label>
        Reasoning effort
        <select
          class="nbs-input"
          value={effort ?? ""}
          onChange={({ currentTarget }) =>
            send({ name: "set", reasoning_effort: currentTarget.value || null })
          }
        >
          <option value="">default</option>
          {EFFORTS.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      {refusal.value && <NoticeLine text={refusal.value} />}
    </fieldset>
  );
}

interface NumberFieldProps {
  label: string;
  value: number | null;
  step: string;
  onCommit: (value: number | null) => Promise<unknown>;
}

function NumberField({ label, value, step, onCommit }: NumberFieldProps) {
  const commit = (text: string) => onCommit(text === "" ? null : Number(text));
  return (
    <label>
      {label}
      <input
        class="nbs-input"
        type="number"
        step={step}
        placeholder="default"
        {...useDraft(value === null ? "" : String(value), commit)}
      />
    </label>
  );
}

interface Typed {
  currentTarget: { value: string };
}

/** The field shows the typed text until it is sent; then it shows Python's value. */
function useDraft(value: string, commit: (text: string) => Promise<unknown>) {
  const draft = useSignal<string | null>(null);
  return {
    value: draft.value ?? value,
    onInput: ({ currentTarget }: Typed) => {
      draft.value = currentTarget.value === value ? null : currentTarget.value;
    },
    onChange: async ({ currentTarget }: Typed) => {
      const text = currentTarget.value;
      await commit(text);
      if (draft.value === text) draft.value = null;
    },
  };
}
