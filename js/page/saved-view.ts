import { pageWide } from "./shared";

/**
 * How the live view has the JupyterLab extension, where there is one, load the code that will draw the saved answer:
 * it is to take over without a moment in which nothing is drawn.
 */
export const savedView = pageWide<{ load(): Promise<unknown> }>("saved-view/1");
