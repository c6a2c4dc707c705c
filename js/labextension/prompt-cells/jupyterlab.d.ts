/** The parts of JupyterLab that prompt cells use, besides those of `../jupyterlab.d.ts`. */

declare module "@jupyterlab/notebook" {
  export interface CellJson {
    readonly metadata: object;
    readonly attachments?: object;
    readonly outputs?: readonly unknown[];
  }

  export interface SharedCell {
    getSource(): string;
    getId(): string;
    setSource(source: string): void;
    setMetadata(key: string, value: unknown): void;
    deleteMetadata(key: string): void;
    /** Makes changes that are undone together. */
    transact(change: () => void): void;
    toJSON(): CellJson;
  }

  export interface CellModel {
    getMetadata(key: string): unknown;
  }

  /** The editor of a cell in JupyterLab 4 and Notebook 7. */
  export interface CodeEditor {
    readonly editor?: import("@codemirror/view").EditorView;
  }

  export interface IopubMessage {
    readonly header: { readonly msg_type: string };
    readonly content: Readonly<Record<string, unknown>>;
  }

  export interface SessionContext {
    readonly iopubMessage: import("@lumino/signaling").Signal<SessionContext, IopubMessage>;
  }

  export interface Kernel {
    readonly status: string;
  }

  export interface SharedNotebook {
    deleteCell(index: number): void;
    /** Makes changes that are undone together. */
    transact(change: () => void): void;
  }
}
