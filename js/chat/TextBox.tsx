/** A text area that grows with its text and sends on Enter. */

import type { Signal } from "@preact/signals";
import type { Ref } from "preact";

export interface TextBoxProps {
  text: Signal<string>;
  label: string;
  placeholder?: string;
  area: Ref<HTMLTextAreaElement>;
  onSubmit: () => void;
  /** A key that is not Enter; `preventDefault` keeps it from the box. */
  onKey?: (event: KeyboardEvent) => void;
  onPaste?: (event: ClipboardEvent) => void;
}

export function TextBox({ text, label, placeholder, area, onSubmit, onKey, onPaste }: TextBoxProps) {
  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event)) return;
    if (event.key !== "Enter") onKey?.(event);
    else if (!event.shiftKey) {
      event.preventDefault();
      onSubmit();
    }
  };
  return (
    // A hidden copy of the text gives the height: nothing is measured, so it is right also in a hidden tab.
    <div class="nbs-textbox" data-text={text.value}>
      <textarea
        ref={area}
        rows={1}
        value={text.value}
        aria-label={label}
        placeholder={placeholder}
        onInput={(event) => {
          text.value = event.currentTarget.value;
        }}
        onKeyDown={onKeyDown}
        onPaste={onPaste}
      />
    </div>
  );
}

/** Enter that ends the input of an input method (IME) is not for us; Safari says so by the key code alone. */
function isComposing(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229;
}
