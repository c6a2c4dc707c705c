/** Chooses the model for the next turn: one of the endpoint's list, or any typed name. */

import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { visible } from "../render";
import { CheckIcon } from "../reply/icons";
import { NoticeLine } from "../reply/messages";
import { ExpandIcon } from "./icons";
import { Popover } from "./Popover";
import { useSender, useView } from "./view-state";

export function ModelPicker() {
  const { chat } = useView();
  const { send, refusal } = useSender();
  const asked = useRef(false);
  const { model, models } = chat.store.meta.value;
  const shown = visible(model) || "Default model";
  const ask = () => {
    if (asked.current || models.length > 0) return;
    asked.current = true;
    send({ name: "models" });
  };
  const choose = (name: string) => send({ name: "set", model: name });
  return (
    <Popover
      title="Choose the model"
      label={`Model: ${shown}`}
      class="nbs-button nbs-model"
      onOpen={ask}
      face={
        <>
          <span class="nbs-model-name">{shown}</span>
          <ExpandIcon />
        </>
      }
    >
      {(close) => (
        <ModelList
          refusal={refusal.value}
          onChoose={async (name) => {
            if (await choose(name)) close();
          }}
        />
      )}
    </Popover>
  );
}

interface ModelListProps {
  refusal: string;
  onChoose: (name: string) => void;
}

function ModelList({ refusal, onChoose }: ModelListProps) {
  const { meta } = useView().chat.store;
  const { model, models, models_error } = meta.value;
  const typed = useSignal("");
  const wanted = typed.value.trim();
  const chosen = models.find((name) => model === name || model.endsWith(`:${name}`));
  const found = matches(models, wanted);
  const unknown = wanted !== "" && !models.includes(wanted);
  const first = wanted === "" ? undefined : (found[0] ?? wanted);
  return (
    <div class="nbs-models">
      <input
        class="nbs-input"
        value={typed.value}
        placeholder="Search models, or type a name"
        aria-label="Model name"
        onInput={(event) => {
          typed.value = event.currentTarget.value;
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter" && !event.isComposing && first) onChoose(first);
        }}
      />
      {(refusal || models_error) && <NoticeLine text={refusal || models_error} />}
      {models.length === 0 && !models_error && <p class="nbs-hint">Loading models…</p>}
      {found.map((name) => (
        <Option
          key={name}
          name={name}
          label={name}
          first={name === first}
          chosen={name === chosen}
          onChoose={onChoose}
        />
      ))}
      {unknown && (
        <Option name={wanted} label={`Use “${wanted}”`} first={wanted === first} onChoose={onChoose} />
      )}
    </div>
  );
}

/** Models whose names contain the typed text: first an exact match, then those that begin with it. */
function matches(models: readonly string[], typed: string): string[] {
  const wanted = typed.toLowerCase();
  const rank = (name: string) => (name === wanted ? 0 : name.startsWith(wanted) ? 1 : 2);
  const found = models.filter((name) => name.toLowerCase().includes(wanted));
  return wanted ? found.sort((a, b) => rank(a.toLowerCase()) - rank(b.toLowerCase())) : found;
}

interface OptionProps {
  name: string;
  label: string;
  /** Whether Enter in the box chooses it. */
  first: boolean;
  chosen?: boolean;
  onChoose: (name: string) => void;
}

function Option({ name, label, first, chosen = false, onChoose }: OptionProps) {
  return (
    <button
      type="button"
      class="nbs-option"
      aria-pressed={chosen}
      aria-keyshortcuts={first ? "Enter" : undefined}
      onClick={() => onChoose(name)}
    >
      <span>{visible(label)}</span>
      {chosen && <CheckIcon />}
    </button>
  );
}
