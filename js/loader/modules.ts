/**
 * What every widget brings along. anywidget evaluates the module of each widget anew; ours is therefore packed, and
 * what was unpacked stays in the page under a hash of its content. `nbstream/views/front_end.py` decides which of
 * the two entries a widget gets: `whole.ts`, or `reference.ts` for a page that has said that it has the module.
 */

import type { CommandMessage } from "../core/commands";
import type { SharedCommands } from "../core/protocol";
import { pageWide } from "../page/shared";

export interface Context {
  model: { send(command: CommandMessage): void };
}

/** An anywidget module whose default export is a factory, called once per model. */
export interface WidgetModule {
  default: () => { initialize(context: Context): void };
}

/** The modules that the page has, by name and hash. */
export const modules = pageWide<Record<string, Promise<WidgetModule>>>("modules/1");

/** The loader waits for no answer, so that number 0 does for all it sends: the widget numbers its commands from 1. */
export function tell({ model }: Context, name: keyof SharedCommands): void {
  model.send({ t: "command", n: 0, name });
}
