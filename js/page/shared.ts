/**
 * The object that all of nbstream in one page shares under a name, whichever copy of its code asks: each widget's
 * module may be a copy of its own, and so is the JupyterLab extension.
 *
 * @param name with the version of what is kept under it: copies of different releases meet in one page
 */
export function pageWide<Shared extends object>(name: string): Partial<Shared> {
  const page = globalThis as unknown as Record<symbol, Partial<Shared>>;
  const key = Symbol.for(`nbstream.${name}`);
  page[key] ??= {};
  return page[key];
}
