/** Asks the kernel of a notebook which names in the expressions of its prompts are not defined. */

import type { IopubMessage, SessionContext } from "@jupyterlab/notebook";
import { KernelLost } from "../../kernel/requests";
import { request } from "../kernel/comm";
import { isPromptSource } from "./source";

/** The variable of `--over` or "", and what is between the braces. */
export type Expression = [table: string, source: string];

/** A prompt whose expressions are looked up. */
export interface Reader {
  readonly expressions: readonly Expression[];
  /** The kernel has answered. */
  redraw(): void;
}

/** Milliseconds without a change after which the kernel is asked. */
const PAUSE = 300;
/** States in which a kernel has lost its variables. */
const ENDS = new Set(["restarting", "autorestarting", "terminating", "dead"]);

export class NameLookup {
  readonly #context: SessionContext;
  readonly #readers = new Set<Reader>();
  /** By `keyOf`; null where all names are defined. */
  #problems = new Map<string, string | null>();
  /** A cell has run since the kernel was asked, so that variables may have changed. */
  #ran = false;
  /** There may be something to ask, when the kernel is idle. */
  #waits = false;
  /** The kernel may have loaded nbstream. */
  #mayAnswer = true;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(context: SessionContext) {
    this.#context = context;
    context.iopubMessage.connect((_, message) => this.#note(message));
    context.statusChanged.connect((_, status) => {
      if (status === "idle" && this.#waits) this.changed();
      else if (ENDS.has(status)) this.#forget();
    });
    context.kernelChanged.connect(() => this.#forget());
  }

  /** Looks up the expressions of a prompt until the returned function is called. */
  add(reader: Reader): () => void {
    this.#readers.add(reader);
    this.changed();
    return () => {
      this.#readers.delete(reader);
    };
  }

  /** Why an expression cannot be filled in, in a sentence; null if it can, or if that is not known. */
  problemOf(expression: Expression): string | null {
    return this.#problems.get(keyOf(expression)) ?? null;
  }

  /** The expressions may have changed. The kernel is asked after a pause, and only where there is something to ask. */
  changed(): void {
    this.#waits = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#ask(), PAUSE);
  }

  async #ask(): Promise<void> {
    // A kernel that is busy becomes idle, which leads here again.
    if (this.#context.session?.kernel?.status !== "idle") return;
    this.#waits = false;
    if (!this.#mayAnswer) return;
    const expressions = this.#expressions();
    if (expressions.length === 0) return;
    this.#ran = false;
    try {
      const { problems } = await request(this.#context, { name: "lookup", expressions });
      this.#learn(expressions, problems);
    } catch (error) {
      if (error instanceof KernelLost) this.#mayAnswer = false;
    }
  }

  /** Those that the kernel was not asked about; all after a cell has run. */
  #expressions(): Expression[] {
    const all = new Map(
      [...this.#readers].flatMap((reader) => reader.expressions.map((found) => [keyOf(found), found])),
    );
    return [...all].filter(([key]) => this.#ran || !this.#problems.has(key)).map(([, found]) => found);
  }

  #learn(expressions: readonly Expression[], problems: readonly (string | null)[]): void {
    expressions.forEach((expression, at) => {
      this.#problems.set(keyOf(expression), problems[at] ?? null);
    });
    for (const reader of this.#readers) reader.redraw();
  }

  /** A cell that runs, in this page or elsewhere, may define variables and load nbstream. */
  #note({ header, content }: IopubMessage): void {
    if (header.msg_type !== "execute_input") return;
    this.#ran = true;
    this.#waits = true;
    const code = String(content.code);
    if (code.includes("nbstream") || isPromptSource(code)) this.#mayAnswer = true;
  }

  #forget(): void {
    this.#mayAnswer = true;
    this.#problems = new Map();
    for (const reader of this.#readers) reader.redraw();
  }
}

function keyOf([table, source]: Expression): string {
  return `${table} ${source}`;
}
