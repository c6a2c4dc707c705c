/** The inspector of a stream that is saved in a notebook or still runs in its kernel. */

import { h, render } from "preact";
import { useMemo } from "preact/hooks";
import type { InspectorModule } from "../core/inspection";
import { type Inspectable, InspectorPanel } from "../reply/inspecting";
import type { CellAround } from "./cells";

export const loadInspector = (): Promise<InspectorModule> => import("../inspector");

/** How to request the events of an answer; undefined if no kernel can have them. */
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

/** Draws the inspector into `host` until the returned function is called. */
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
