/**
 * For a page that has the module. Another page on the same kernel requests it, and anywidget replaces this
 * file with what the kernel sends.
 */

import { type Context, modules, tell } from "./modules";

const ask = () => ({ initialize: (context: Context) => tell(context, "module") });

export default (await modules[NBSTREAM_MODULE])?.default ?? ask;
