/** A look into a stream that was saved in a notebook, or goes on in its kernel. */

import { h, render } from "preact";
import { useMemo } from "preact/hooks";
import type { InspectorModule } from "../core/inspection";
import { type Inspectable, InspectorPanel } from "../reply/inspecting";
import type { CellAround } from "./cells";

export const loadInspector = (): Promise<InspectorModule> => import("../inspector");

/** What an answer needs to be inspected; undefined where there is no kernel that could have its events. */
export function useInspectable(id: string, cell: CellAround | null): Inspectable | undefined {
  const hasKernel = cell?.hasKernel.value ?? false;
  return useMemo(() => {
    if (!cell || !hasKernel || id === "") return undefined;
    return { id, load: loadInspector, source: { pull: (from: number) => cell.inspect(id, from) } };
  }, [id, cell, hasKernel]);
}

export interface SavedInspectionProps {
  /** The output's value for `INSPECTION_MIMETYPE`. */
  saved: unknown;
  /** The notebook cell around it. */
  cell: CellAround | null;
}

/** Draws the inspector into `host`; the function it returns takes it away again. */
export function mountInspection(host: HTMLElement, props: SavedInspectionProps): () => void {
  render(h(SavedInspection, props), host);
  return () => render(null, host);
}

function SavedInspection({ saved, cell }: SavedInspectionProps) {
  const id = idOf(saved);
  const pull = cell && id !== "" ? (from: number) => cell.inspect(id, from) : undefined;
  return <InspectorPanel inspectable={{ id, load: loadInspector, source: { saved, pull } }} />;
}

function idOf(saved: unknown): string {
  const id = typeof saved === "object" && saved !== null && "id" in saved ? saved.id : "";
  return typeof id === "string" ? id : "";
}
