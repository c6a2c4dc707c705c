/**
 * The anywidget module of a batch: one model for all of its rows, shown in any number of views.
 *
 * The default export is a factory, called once per model.
 */

import { LiveBatch } from "./live-batch";
import type { BatchModel } from "./model";

export default () => {
  let live: LiveBatch | undefined;
  return {
    initialize({ model }: { model: BatchModel }): void {
      live = new LiveBatch(model);
    },
    render({ el }: { el: HTMLElement }): (() => void) | undefined {
      return live?.mount(el);
    },
  };
};
