/** For a page that may not have the module: the first widget unpacks it, the others find it. */

import { fromBase64, importPacked } from "../kernel/packed";
import { type Context, modules, tell } from "./modules";

modules[NBSTREAM_MODULE] ??= importPacked(new Blob([fromBase64(NBSTREAM_PACKED)]));

const { default: create } = await modules[NBSTREAM_MODULE];

export default () => {
  const widget = create();
  const initialize = (context: Context) => {
    tell(context, "loaded");
    widget.initialize(context);
  };
  return { ...widget, initialize };
};
