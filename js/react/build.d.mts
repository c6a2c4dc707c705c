export function buildPackage(): Promise<void>;
export function buildPage(): Promise<void>;
