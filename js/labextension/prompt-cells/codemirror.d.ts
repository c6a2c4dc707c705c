/** The parts of CodeMirror that prompt cells use; JupyterLab shares the packages. */

declare module "@codemirror/state" {
  export type Extension = object | readonly Extension[];

  export interface StateEffect {
    readonly _effect?: never;
  }

  export interface StateEffectType<Value> {
    of(value: Value): StateEffect;
  }

  export const StateEffect: {
    define<Value>(): StateEffectType<Value>;
    readonly appendConfig: StateEffectType<Extension>;
  };

  export class Compartment {
    of(extension: Extension): Extension;
    reconfigure(extension: Extension): StateEffect;
  }

  export interface Range {
    readonly from: number;
    readonly to: number;
  }

  export interface EditorState {
    readonly readOnly: boolean;
    readonly doc: { toString(): string; lineAt(position: number): Range };
  }

  export interface Transaction {
    readonly effects: readonly { is(type: StateEffectType<never>): boolean }[];
  }

  export const Prec: { high(extension: Extension): Extension };
}

declare module "@codemirror/view" {
  import type { EditorState, Extension, Range, StateEffect, Transaction } from "@codemirror/state";

  export interface Attributes {
    class?: string;
    attributes?: Readonly<Record<string, string>>;
  }

  export interface DecorationSet {
    readonly size: number;
  }

  export const Decoration: {
    readonly none: DecorationSet;
    mark(spec: Attributes): { range(from: number, to: number): Range };
    line(spec: Attributes): { range(from: number): Range };
    set(ranges: readonly Range[], sort: true): DecorationSet;
  };

  export interface ViewUpdate {
    readonly state: EditorState;
    readonly docChanged: boolean;
    readonly transactions: readonly Transaction[];
  }

  export class EditorView {
    readonly state: EditorState;
    dispatch(change: {
      effects?: StateEffect;
      changes?: { readonly from: number; readonly to: number; readonly insert: string };
      userEvent?: string;
    }): void;
    focus(): void;
    static readonly lineWrapping: Extension;
    static readonly contentAttributes: { of(attributes: Readonly<Record<string, string>>): Extension };
  }

  export interface Panel {
    readonly dom: HTMLElement;
    /** Above the text, or below it. */
    readonly top: boolean;
    update(update: ViewUpdate): void;
    destroy(): void;
  }

  export const showPanel: { of(create: (view: EditorView) => Panel): Extension };

  export const ViewPlugin: {
    define<Plugin extends { update(update: ViewUpdate): void; destroy(): void }>(
      create: (view: EditorView) => Plugin,
      spec: { decorations: (plugin: Plugin) => DecorationSet },
    ): Extension;
  };
}
