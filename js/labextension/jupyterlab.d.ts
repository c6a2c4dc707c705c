/**
 * The parts of JupyterLab that the extension uses; JupyterLab shares the packages themselves at run time.
 *
 * The published types of these five packages need 268 more packages: `npm ci` takes 84 s instead of 28 s on two
 * busy cores, and `node_modules` grows from 340 MB to 662 MB. The browser tests run the extension in a real
 * JupyterLab and Notebook 7, so they fail when a member declared here has changed.
 */

declare module "@lumino/widgets" {
  export class Widget {
    readonly node: HTMLElement;
    readonly isDisposed: boolean;
    addClass(name: string): void;
    removeClass(name: string): void;
    show(): void;
    hide(): void;
    dispose(): void;
    protected onAfterAttach(message: unknown): void;
    protected onAfterShow(message: unknown): void;
    protected onAfterHide(message: unknown): void;
    protected onActivateRequest(message: unknown): void;
  }

  export class Panel extends Widget {
    addWidget(widget: Widget): void;
  }
}

declare module "@jupyterlab/application" {
  import type { Token } from "@lumino/coreutils";

  export interface JupyterFrontEndPlugin<Services extends unknown[]> {
    id: string;
    description: string;
    autoStart: true;
    requires?: Token<unknown>[];
    optional?: Token<unknown>[];
    activate: (app: JupyterFrontEnd, ...services: Services) => void;
  }
}

declare module "@lumino/coreutils" {
  export interface Token<T> {
    readonly name: string;
    readonly _type?: T;
  }

  export const JSONExt: { deepEqual(first: unknown, second: unknown): boolean };
}

declare module "@lumino/signaling" {
  export interface Signal<Sender, Args> {
    connect(slot: (sender: Sender, args: Args) => void): boolean;
    disconnect(slot: (sender: Sender, args: Args) => void): boolean;
  }
}

declare module "@jupyterlab/rendermime" {
  import type { Token } from "@lumino/coreutils";
  import type { Widget } from "@lumino/widgets";

  export interface MimeContent {
    readonly data: Readonly<Record<string, unknown>>;
    readonly metadata: Readonly<Record<string, unknown>>;
  }

  export interface MimeModel extends MimeContent {
    /** The user ran the cell, or signed the notebook. */
    readonly trusted: boolean;
    /** Replaces the output, also in the notebook that is saved; it is drawn again. */
    setData(content: MimeContent): void;
  }

  export interface MimeRenderer extends Widget {
    renderModel(model: MimeModel): Promise<void>;
  }

  export interface RendererFactory {
    readonly safe: boolean;
    readonly mimeTypes: readonly string[];
    createRenderer(options: { mimeType: string }): MimeRenderer;
  }

  export interface RenderMimeRegistry {
    /** The MIME type of an output with the lowest rank is drawn. */
    addFactory(factory: RendererFactory, rank: number): void;
    getFactory(mimeType: string): RendererFactory | undefined;
    createRenderer(mimeType: string): MimeRenderer;
  }

  export const IRenderMimeRegistry: Token<RenderMimeRegistry>;
}

declare module "@jupyterlab/apputils" {
  import type { Token } from "@lumino/coreutils";

  export const ISessionContextDialogs: Token<SessionContextDialogs>;
  export interface SessionContextDialogs {
    readonly _sessionContextDialogs?: never;
  }
}

declare module "@jupyterlab/notebook" {
  import type { SessionContextDialogs } from "@jupyterlab/apputils";
  import type { RenderMimeRegistry } from "@jupyterlab/rendermime";
  import type { Token } from "@lumino/coreutils";
  import type { Signal } from "@lumino/signaling";

  /** An output as in the notebook file; errors and printed text have no data. */
  export interface OutputJson {
    readonly data?: Readonly<Record<string, unknown>>;
    readonly metadata?: Readonly<Record<string, unknown>>;
  }

  export interface NewOutput extends OutputJson {
    readonly output_type: string;
    /** What was printed. */
    readonly text?: unknown;
    /** Class and message of an error. */
    readonly ename?: unknown;
    readonly evalue?: unknown;
  }

  export interface OutputItem {
    readonly data: Readonly<Record<string, unknown>>;
    readonly metadata: Readonly<Record<string, unknown>>;
    toJSON(): NewOutput;
  }

  export interface OutputList {
    readonly length: number;
    get(index: number): OutputItem;
    set(index: number, output: OutputJson): void;
    add(output: NewOutput): void;
    clear(): void;
    /** Replaces all. */
    fromJSON(outputs: readonly NewOutput[]): void;
  }

  export interface CellModel {
    readonly type: string;
    readonly sharedModel: SharedCell;
    mimeType: string;
    readonly contentChanged: Signal<CellModel, unknown>;
    readonly mimeTypeChanged: Signal<CellModel, unknown>;
  }

  export interface CodeCellModel extends CellModel {
    readonly outputs: OutputList;
    executionCount: number | null;
    trusted: boolean;
  }

  export interface NotebookCell {
    readonly node: HTMLElement;
    readonly model: CellModel;
  }

  /** A channel to the kernel. */
  export interface Comm {
    onMsg: (message: { content: { data: Readonly<Record<string, unknown>> } }) => void;
    onClose: () => void;
    /** Closed by either side. */
    readonly isDisposed: boolean;
    open(data: object): void;
    send(data: object): void;
    close(): void;
  }

  export interface Kernel {
    /** The session of this page, which is in the header of all its messages. */
    readonly clientId: string;
    createComm(target: string): Comm;
  }

  export interface SessionContext {
    readonly ready: Promise<void>;
    readonly session: { readonly kernel: Kernel | null } | null;
    readonly kernelChanged: Signal<SessionContext, KernelChange>;
    readonly statusChanged: Signal<SessionContext, string>;
  }

  export interface KernelChange {
    readonly oldValue: { readonly id: string } | null;
    readonly newValue: { readonly id: string } | null;
  }

  export interface CellList extends Iterable<CellModel> {
    readonly changed: Signal<CellList, unknown>;
  }

  /** Data that the pages sharing a document exchange. */
  export interface Awareness {
    readonly clientID: number;
    getStates(): ReadonlyMap<number, Readonly<Record<string, unknown>> | null>;
    setLocalStateField(name: string, value: unknown): void;
  }

  export interface DocumentContext {
    readonly ready: Promise<void>;
    readonly model: { readonly collaborative?: boolean };
    /** "started" comes before the document is read, "completed" when it is stored. */
    readonly saveState: Signal<DocumentContext, "started" | "completed" | "failed">;
  }

  export interface SharedNotebook {
    readonly awareness?: Awareness;
    insertCell(
      index: number,
      cell: { cell_type: "code" | "markdown" | "raw"; source: string; metadata: object },
    ): { getId(): string };
  }

  export interface Notebook {
    readonly node: HTMLElement;
    readonly widgets: readonly NotebookCell[];
    readonly model: {
      readonly cells: CellList;
      readonly contentChanged: Signal<unknown, unknown>;
      readonly sharedModel: SharedNotebook;
    } | null;
    readonly codeMimetype: string;
    /** A copy of the page's registry, with additions for this notebook only. */
    readonly rendermime: RenderMimeRegistry;
    activeCellIndex: number;
    deselectAll(): void;
    scrollToItem(index: number): Promise<void>;
  }

  export interface NotebookPanel {
    readonly content: Notebook;
    readonly context: DocumentContext;
    readonly sessionContext: SessionContext;
    readonly disposed: Signal<NotebookPanel, void>;
    readonly isDisposed: boolean;
  }

  export interface NotebookTracker {
    readonly widgetAdded: Signal<NotebookTracker, NotebookPanel>;
    find(matches: (panel: NotebookPanel) => boolean): NotebookPanel | undefined;
    forEach(visit: (panel: NotebookPanel) => void): void;
  }

  export const INotebookTracker: Token<NotebookTracker>;

  export const NotebookActions: {
    readonly executionScheduled: Signal<unknown, { notebook: Notebook; cell: NotebookCell }>;
    readonly executed: Signal<unknown, { notebook: Notebook; cell: NotebookCell }>;
    /** Runs cells in this order; false if one fails. */
    runCells(
      notebook: Notebook,
      cells: readonly NotebookCell[],
      sessionContext: SessionContext,
      dialogs?: SessionContextDialogs,
    ): Promise<boolean>;
    run(
      notebook: Notebook,
      sessionContext: SessionContext,
      dialogs?: SessionContextDialogs,
    ): Promise<boolean>;
  };
}

declare module "@jupyterlab/codemirror" {
  import type { Token } from "@lumino/coreutils";

  export interface EditorLanguageRegistry {
    /** Loads the language of a mimetype. */
    getLanguage(mimeType: string): Promise<unknown>;
  }

  export const IEditorLanguageRegistry: Token<EditorLanguageRegistry>;
}
