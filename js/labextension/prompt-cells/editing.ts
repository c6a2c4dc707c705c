/**
 * Makes editors those of prose: lines wrap, the browser checks the spelling, options and variables are marked, and a bar
 * shows and changes the model and the chat.
 */

import { Compartment, type Extension, StateEffect } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import type { SessionContext } from "@jupyterlab/notebook";
import { promptBar } from "./bar";
import { promptMarks } from "./marks";
import type { NameLookup } from "./name-lookup";

interface Editing {
  readonly compartment: Compartment;
  isProse: boolean;
}

const editings = new WeakMap<EditorView, Editing>();

/** What the editors of a notebook share. */
export interface Shared {
  readonly context: SessionContext;
  readonly lookup: NameLookup;
}

/** Turns an editor into one of prose, or back. Editors that were never prose are left as they are. */
export function setProse(view: EditorView, isProse: boolean, shared: Shared): void {
  const editing = editings.get(view) ?? { compartment: new Compartment(), isProse: false };
  if (editing.isProse === isProse) return;
  editing.isProse = isProse;
  const extension = isProse ? proseWith(shared) : [];
  const { compartment } = editing;
  const isKnown = editings.has(view);
  editings.set(view, editing);
  view.dispatch({
    effects: isKnown
      ? compartment.reconfigure(extension)
      : StateEffect.appendConfig.of(compartment.of(extension)),
  });
}

function proseWith({ context, lookup }: Shared): Extension {
  return [
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ spellcheck: "true" }),
    promptMarks(lookup),
    promptBar(context),
  ];
}
