/**
 * The module for a page that has it. A page that does not (a second one on the same kernel) asks for it, and
 * anywidget puts what the kernel sends in the place of this.
 */

import { type Context, modules, tell } from "./modules";

const ask = () => ({ initialize: (context: Context) => tell(context, "module") });

export default (await modules[NBSTREAM_MODULE])?.default ?? ask;
