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

  export interface SharedNotebook {
    deleteCell(index: number): void;
    /** Makes changes that are undone together. */
    transact(change: () => void): void;
  }
}
