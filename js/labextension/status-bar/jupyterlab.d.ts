/** The parts of JupyterLab that the status bar uses, besides those of `../jupyterlab.d.ts`. */

declare module "@jupyterlab/statusbar" {
  import type { Token } from "@lumino/coreutils";
  import type { Widget } from "@lumino/widgets";

  export interface StatusBar {
    registerStatusItem(id: string, options: { item: Widget; align: "left" | "right"; rank: number }): unknown;
  }

  export const IStatusBar: Token<StatusBar>;
}

declare module "@jupyterlab/application" {
  export interface JupyterFrontEnd {
    /** Null if no plugin provides it. */
    resolveOptionalService<Service>(
      token: import("@lumino/coreutils").Token<Service>,
    ): Promise<Service | null>;
  }
}
