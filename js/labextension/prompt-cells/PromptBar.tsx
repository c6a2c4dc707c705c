/** The bar below a prompt: its model, its chat, and about how many tokens it has. */

import type { ReadonlySignal } from "@preact/signals";
import { useSignal } from "@preact/signals";
import { ExpandIcon } from "../../chat/icons";
import { Popover } from "../../chat/Popover";
import { visible } from "../../render/invisible";
import { grouped } from "../../reply/figures";
import { type BarFacts, CHAT_OPTION, MODEL_OPTION } from "./bar-facts";
import type { Choices } from "./choices";
import { NameList } from "./NameList";

interface PromptBarProps {
  facts: ReadonlySignal<BarFacts>;
  isReadOnly: ReadonlySignal<boolean>;
  choices: () => Promise<Choices>;
  /** Writes an option into the first line, or removes it. */
  write: (option: readonly string[], value: string | null) => void;
}

export function PromptBar({ facts, isReadOnly, choices, write }: PromptBarProps) {
  const { model, chat, isAlone, tokens } = facts.value;
  const common = { isReadOnly: isReadOnly.value, choices };
  return (
    <>
      <Picker
        {...common}
        noun="model"
        value={model}
        names={({ models }) => models}
        onChoose={(name) => write(MODEL_OPTION, name)}
      />
      {!isAlone && (
        <Picker
          {...common}
          noun="chat"
          value={chat}
          names={({ chats }) => chats}
          onChoose={(name) => write(CHAT_OPTION, name)}
        />
      )}
      <span class="nbs-prompt-tokens" title="Estimated from the length of the prompt, without its variables">
        {`≈ ${grouped(tokens)} ${tokens === 1 ? "token" : "tokens"}`}
      </span>
    </>
  );
}

interface PickerProps {
  noun: "model" | "chat";
  value: string | null;
  isReadOnly: boolean;
  choices: () => Promise<Choices>;
  names: (choices: Choices) => readonly string[];
  onChoose: (name: string | null) => void;
}

function Picker({ noun, value, isReadOnly, choices, names, onChoose }: PickerProps) {
  const known = useSignal<Choices | null>(null);
  const shown = value === null ? `Default ${noun}` : visible(value);
  const ask = async () => {
    known.value = await choices();
  };
  return (
    <Popover
      title={`Choose the ${noun} of this prompt`}
      label={value === null ? shown : `${noun === "model" ? "Model" : "Chat"}: ${shown}`}
      class={`nbs-button nbs-prompt-${noun}`}
      disabled={isReadOnly}
      onOpen={() => void ask()}
      face={
        <>
          <span class="nbs-model-name">{shown}</span>
          <ExpandIcon />
        </>
      }
    >
      {(close) => (
        <NameList
          noun={noun}
          value={value}
          names={known.value && names(known.value)}
          problem={known.value?.problem ?? ""}
          onChoose={(name) => {
            onChoose(name);
            close();
          }}
        />
      )}
    </Popover>
  );
}
