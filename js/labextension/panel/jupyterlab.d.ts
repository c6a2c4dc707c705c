/** The parts of JupyterLab that the panel uses, besides those of `../jupyterlab.d.ts`. */

declare module "@lumino/widgets" {
  export interface Widget {
    id: string;
    readonly title: { caption: string; iconClass: string };
    readonly isVisible: boolean;
  }
}

declare module "@jupyterlab/application" {
  export interface JupyterFrontEnd {
    readonly shell: {
      add(widget: import("@lumino/widgets").Widget, area: "right", options: { rank: number }): void;
      activateById(id: string): void;
    };
  }
}
