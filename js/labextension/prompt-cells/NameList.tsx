/** A list of names with a box that searches it; also names that are not in it can be typed. */

import { useSignal } from "@preact/signals";
import { visible } from "../../render/invisible";
import { CheckIcon } from "../../reply/icons";
import { NoticeLine } from "../../reply/messages";

interface NameListProps {
  noun: string;
  value: string | null;
  /** Null until the kernel has answered. */
  names: readonly string[] | null;
  problem: string;
  /** Null stands for the default. */
  onChoose: (name: string | null) => void;
}

export function NameList({ noun, value, names, problem, onChoose }: NameListProps) {
  const typed = useSignal("");
  const wanted = typed.value.trim();
  const found = (names ?? []).filter((name) => name.toLowerCase().includes(wanted.toLowerCase()));
  const options = wanted && !found.includes(wanted) ? [...found, wanted] : found;
  const first = wanted ? options[0] : undefined;
  return (
    <div class="nbs-models">
      <input
        class="nbs-input"
        value={typed.value}
        placeholder={`Search ${noun}s, or type a name`}
        aria-label={`Name of the ${noun}`}
        onInput={(event) => {
          typed.value = event.currentTarget.value;
        }}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || event.isComposing) return;
          // The focus returns to the text, which would get the key.
          event.preventDefault();
          if (first) onChoose(first);
        }}
      />
      {problem && <NoticeLine text={problem} />}
      {!names && <p class="nbs-hint">Waiting for the kernel…</p>}
      {!wanted && value !== null && (
        <button type="button" class="nbs-option" onClick={() => onChoose(null)}>
          <span>{`Default ${noun}`}</span>
        </button>
      )}
      {options.map((name) => (
        <button
          key={name}
          type="button"
          class="nbs-option"
          aria-pressed={name === value}
          aria-keyshortcuts={name === first ? "Enter" : undefined}
          onClick={() => onChoose(name)}
        >
          <span>{found.includes(name) ? visible(name) : `Use “${visible(name)}”`}</span>
          {name === value && <CheckIcon />}
        </button>
      ))}
    </div>
  );
}
