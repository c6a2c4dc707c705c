/**
 * The code that every widget contains. anywidget evaluates the module of each widget separately; ours is
 * therefore packed, and the unpacked module stays in the page under a hash of its content.
 * `nbstream/views/front_end.py` decides which of the two entries a widget gets: `whole.ts`, or `reference.ts`
 * for a page that has confirmed that it has the module.
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

/** The modules in the page, by name and hash. */
export const modules = pageWide<Record<string, Promise<WidgetModule>>>("modules/1");

/**
 * The loader does not wait for answers, so all its commands have number 0; the widget's commands start at 1.
 */
export function tell({ model }: Context, name: keyof SharedCommands): void {
  model.send({ t: "command", n: 0, name });
}
