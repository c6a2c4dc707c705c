/** One line that names the filled variables of the question; unfolded it shows the text that was sent. */

import { useSignal } from "@preact/signals";
import type { ReplyStore } from "../core/store";
import { visible } from "../render";

export function FilledPrompt({ store }: { store: ReplyStore }) {
  const open = useSignal(false);
  const prompt = store.prompt.value;
  if (!prompt) return null;
  return (
    <details
      class="nbs-prompt"
      onToggle={(event) => {
        open.value = event.currentTarget.open;
      }}
    >
      <summary title="Show the prompt that was sent">filled: {visible(prompt.filled)}</summary>
      {open.value && (
        <section aria-label="Prompt that was sent">
          <pre class="nbs-raw">{visible(prompt.text)}</pre>
        </section>
      )}
    </details>
  );
}
