/** System prompt and parameters, folded away until the reader wants them. Each is sent when it is left. */

import { useSignal } from "@preact/signals";
import { NoticeLine } from "../view/messages";
import { useSender, useView } from "./view-state";

export function Settings() {
  const { system, temperature, max_tokens } = useView().chat.store.meta.value;
  const { send, refusal } = useSender();
  return (
    <div class="nbs-settings">
      <label>
        System prompt
        <textarea
          class="nbs-input"
          rows={3}
          {...useDraft(system, (text) => send({ t: "set", system: text }))}
        />
      </label>
      <NumberField
        label="Temperature"
        value={temperature}
        step="0.1"
        onCommit={(value) => send({ t: "set", temperature: value })}
      />
      <NumberField
        label="Max tokens"
        value={max_tokens}
        step="1"
        onCommit={(value) => send({ t: "set", max_tokens: value })}
      />
      {refusal.value && <NoticeLine text={refusal.value} />}
    </div>
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
        min="0"
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

/** What the reader types stands in the field until it is sent; then the field shows what Python says. */
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
