/** Marks in the editor of a prompt cell: options of the first line, and variables of the prompt. */

import { type Extension, Prec, type Range, StateEffect } from "@codemirror/state";
import {
  Decoration,
  type DecorationSet,
  type EditorView,
  ViewPlugin,
  type ViewUpdate,
} from "@codemirror/view";
import type { FirstLine, WordKind } from "./first-line";
import type { Expression, NameLookup, Reader } from "./name-lookup";
import { type Prompt, promptOf } from "./prompt";

/** The kernel has answered. */
const redrawn = StateEffect.define<null>();

const NOT_PROSE = { spellcheck: "false" };
const FIRST_LINE = Decoration.line({ attributes: NOT_PROSE });
const MAGIC = Decoration.mark({ class: "nbs-prompt-magic" });
const VARIABLE = Decoration.mark({ class: "nbs-prompt-variable", attributes: NOT_PROSE });
const WORDS: Record<WordKind, ReturnType<typeof Decoration.mark>> = {
  option: Decoration.mark({ class: "nbs-prompt-option" }),
  value: Decoration.mark({ class: "nbs-prompt-value" }),
  number: Decoration.mark({ class: "nbs-prompt-number" }),
  string: Decoration.mark({ class: "nbs-prompt-value" }),
  variable: Decoration.mark({ class: "nbs-prompt-name" }),
  comment: Decoration.mark({ class: "nbs-prompt-comment" }),
};

/** The marks, which follow the text and what the kernel answers. */
export function promptMarks(lookup: NameLookup): Extension {
  const marks = ViewPlugin.define((view) => new Marks(view, lookup), {
    decorations: ({ decorations }) => decorations,
  });
  // Their elements are inside those of the Markdown that the line would be.
  return Prec.high(marks);
}

class Marks implements Reader {
  readonly #view: EditorView;
  readonly #lookup: NameLookup;
  readonly #leave: () => void;
  #prompt: Prompt;
  expressions: readonly Expression[] = [];
  decorations: DecorationSet = Decoration.none;

  constructor(view: EditorView, lookup: NameLookup) {
    this.#view = view;
    this.#lookup = lookup;
    this.#prompt = this.#read();
    this.#draw();
    this.#leave = lookup.add(this);
  }

  update({ docChanged, transactions }: ViewUpdate): void {
    const isRedrawn = transactions.some(({ effects }) => effects.some((effect) => effect.is(redrawn)));
    if (docChanged) {
      this.#prompt = this.#read();
      this.#lookup.changed();
    }
    if (docChanged || isRedrawn) this.#draw();
  }

  redraw(): void {
    if (this.expressions.length > 0) this.#view.dispatch({ effects: redrawn.of(null) });
  }

  destroy(): void {
    this.#leave();
  }

  #read(): Prompt {
    const prompt = promptOf(this.#view.state.doc.toString());
    this.expressions = prompt.expressions.map(({ source }) => [prompt.table, source]);
    return prompt;
  }

  #draw(): void {
    const { firstLine, expressions } = this.#prompt;
    this.decorations = Decoration.set(
      [
        ...(firstLine ? this.#firstLineMarks(firstLine) : []),
        ...expressions.map(({ from, to }, at) => this.#markOf(at).range(from, to)),
      ],
      true,
    );
  }

  #firstLineMarks({ from, magicEnd, words }: FirstLine): Range[] {
    return [
      FIRST_LINE.range(this.#view.state.doc.lineAt(from).from),
      MAGIC.range(from, magicEnd),
      ...words.map((word) => WORDS[word.kind].range(word.from, word.to)),
    ];
  }

  #markOf(at: number) {
    const expression = this.expressions[at];
    const problem = expression && this.#lookup.problemOf(expression);
    if (!problem) return VARIABLE;
    return Decoration.mark({
      class: "nbs-prompt-variable nbs-prompt-undefined",
      attributes: { ...NOT_PROSE, title: problem },
    });
  }
}
