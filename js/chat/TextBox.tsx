/** A text area that grows with its text and sends on Enter. */

import type { Signal } from "@preact/signals";
import type { Ref } from "preact";

export interface TextBoxProps {
  text: Signal<string>;
  label: string;
  placeholder?: string;
  area: Ref<HTMLTextAreaElement>;
  onSubmit: () => void;
  /** Called for a key other than Enter; `preventDefault` hides it from the box. */
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
    // A hidden copy of the text sets the height: nothing is measured, so it also works in a hidden tab.
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

/** Ignores Enter that ends the input of an input method (IME); Safari marks it only by its key code. */
function isComposing(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229;
}
