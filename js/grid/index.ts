/**
 * The anywidget module of a comparison: one model for all of its cells, shown in any number of views.
 *
 * The default export is a factory, called once per model.
 */

import { LiveGrid } from "./live-grid";
import type { GridModel } from "./model";

export default () => {
  let grid: LiveGrid | undefined;
  return {
    initialize({ model }: { model: GridModel }): void {
      grid = new LiveGrid(model);
    },
    render({ el }: { el: HTMLElement }): (() => void) | undefined {
      return grid?.mount(el);
    },
  };
};
