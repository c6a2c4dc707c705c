import { pageWide } from "./shared";

/**
 * Lets the live view ask the JupyterLab extension, if there is one, to load the code that draws the saved
 * answer, so that it takes over without a flicker.
 */
export const savedView = pageWide<{ load(): Promise<unknown> }>("saved-view/1");
