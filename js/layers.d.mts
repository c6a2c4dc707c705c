export const LAYERS: string[][];
export function faultsOf(sources: ReadonlyMap<string, string>): string[];
