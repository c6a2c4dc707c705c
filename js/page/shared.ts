/**
 * The object that all copies of nbstream in a page share under a name: the modules of widgets and the
 * JupyterLab extension may be separate copies.
 *
 * @param name with a version: copies of different releases may be in one page
 */
export function pageWide<Shared extends object>(name: string): Partial<Shared> {
  const page = globalThis as unknown as Record<symbol, Partial<Shared>>;
  const key = Symbol.for(`nbstream.${name}`);
  page[key] ??= {};
  return page[key];
}
