/** The parts of JupyterLab that commands use, besides those of `../jupyterlab.d.ts`. */

declare module "@jupyterlab/application" {
  export interface CommandOptions {
    label: string;
    caption: string;
    isEnabled(): boolean;
    execute(): unknown;
  }

  export interface JupyterFrontEnd {
    readonly commands: {
      addCommand(id: string, options: CommandOptions): unknown;
      /** Asks `isEnabled` of all commands again. */
      notifyCommandChanged(): void;
    };
  }
}

declare module "@jupyterlab/apputils" {
  import type { Token } from "@lumino/coreutils";

  export interface CommandPalette {
    addItem(item: { command: string; category: string }): unknown;
  }

  export const ICommandPalette: Token<CommandPalette>;

  export const Notification: {
    info(message: string, options: { autoClose: number }): string;
  };
}

declare module "@jupyterlab/notebook" {
  export interface CodeEditor {
    setCursorPosition(position: { line: number; column: number }): void;
  }

  export interface NotebookCell {
    /** Resolves when it has its editor. */
    readonly ready: Promise<void>;
    readonly editor: CodeEditor | null;
  }

  export interface Notebook {
    mode: "command" | "edit";
    readonly activeCell: NotebookCell | null;
  }

  export interface NotebookTracker {
    readonly currentWidget: NotebookPanel | null;
    readonly currentChanged: import("@lumino/signaling").Signal<NotebookTracker, NotebookPanel | null>;
  }

  export interface HistoryRange {
    hist_access_type: "range";
    /** 0 for the current one. */
    session: number;
    start: number;
    stop: number;
    raw: boolean;
    output: boolean;
  }

  export interface Kernel {
    readonly status: string;
    interrupt(): Promise<void>;
    /** `history` has the session, the number and the source of each cell. */
    requestHistory(range: HistoryRange): Promise<{ content: { history?: [number, number, unknown][] } }>;
  }
}
