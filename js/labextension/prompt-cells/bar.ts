/** Puts the bar below the text of a prompt, as a panel of its editor. */

import type { Extension } from "@codemirror/state";
import { type EditorView, type Panel, showPanel, type ViewUpdate } from "@codemirror/view";
import type { SessionContext } from "@jupyterlab/notebook";
import { signal } from "@preact/signals";
import { h, render } from "preact";
import { keepKey } from "../../chat/keys";
import { followTheme } from "../../reply/theme";
import { barFactsOf } from "./bar-facts";
import { choicesOf } from "./choices";
import { optionChange } from "./options";
import { PromptBar } from "./PromptBar";

/** The bar of one editor. */
export function promptBar(context: SessionContext): Extension {
  return showPanel.of((view) => new BarPanel(view, context));
}

class BarPanel implements Panel {
  readonly dom = document.createElement("div");
  readonly top = false;
  readonly #view: EditorView;
  readonly #facts;
  readonly #isReadOnly;

  constructor(view: EditorView, context: SessionContext) {
    this.#view = view;
    this.#facts = signal(barFactsOf(view.state.doc.toString()));
    this.#isReadOnly = signal(view.state.readOnly);
    this.dom.className = "nbstream nbs-prompt-bar";
    this.dom.dataset.lmSuppressShortcuts = "true";
    this.dom.addEventListener("keydown", (event) => this.#onKey(event));
    // The notebook would move the focus into the text.
    this.dom.addEventListener("focusin", (event) => event.stopPropagation());
    // The form controls of the list follow the theme; once is enough, since the list is closed by a click elsewhere.
    this.dom.addEventListener("beforetoggle", () => followTheme(this.dom)(), { capture: true });
    render(
      h(PromptBar, {
        facts: this.#facts,
        isReadOnly: this.#isReadOnly,
        choices: () => choicesOf(context),
        write: (option, value) => this.#write(option, value),
      }),
      this.dom,
    );
  }

  update({ docChanged, state }: ViewUpdate): void {
    this.#isReadOnly.value = state.readOnly;
    if (docChanged) this.#facts.value = barFactsOf(state.doc.toString());
  }

  destroy(): void {
    render(null, this.dom);
  }

  #write(option: readonly string[], value: string | null): void {
    const changes = optionChange(this.#view.state.doc.toString(), option, value);
    if (changes) this.#view.dispatch({ changes, userEvent: "input" });
  }

  /** Esc leads from the bar back to the text; in an open list it closes the list. */
  #onKey(event: KeyboardEvent): void {
    keepKey(event);
    if (event.key === "Escape") this.#view.focus();
  }
}
