/** Opens the inspector of an answer, a module that is loaded on demand. */

import { type Signal, useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { InspectionSource, InspectorModule } from "../core/inspection";
import { pageWide } from "../page/shared";
import { InspectIcon } from "./icons";

/** What makes an answer inspectable. */
export interface Inspectable {
  /** Id of the reply. */
  id: string;
  load: () => Promise<InspectorModule>;
  source: InspectionSource;
}

/**
 * Ids of the replies whose inspector is open: it stays open when a saved view replaces a live one.
 */
const page = pageWide<{ open: Set<string> }>("inspector/1");

/** Whether the inspector of a reply is open; shared by all views of the reply. */
export function useInspecting(id: string | undefined): Signal<boolean> {
  page.open ??= new Set();
  const open = useSignal(false);
  useLayoutEffect(() => {
    open.value = id !== undefined && page.open?.has(id) === true;
  }, [id]);
  return open;
}

export interface InspectButtonProps {
  inspectable: Inspectable;
  open: Signal<boolean>;
}

export function InspectButton({ inspectable, open }: InspectButtonProps) {
  const toggle = () => {
    open.value = !open.value;
    page.open?.[open.value ? "add" : "delete"](inspectable.id);
  };
  return (
    <button
      type="button"
      class="nbs-button"
      aria-expanded={open.value}
      aria-label="Inspect the stream"
      title="Inspect the stream"
      onClick={toggle}
    >
      <InspectIcon />
    </button>
  );
}

/** The inspector itself; shows a notice while it is loading. */
export function InspectorPanel({ inspectable }: { inspectable: Inspectable }) {
  const host = useRef<HTMLDivElement>(null);
  const said = useSignal("Loading the inspector…");
  useLayoutEffect(() => {
    let wanted = true;
    let unmount = () => {};
    const show = ({ mountInspector }: InspectorModule) => {
      if (!wanted || !host.current) return;
      said.value = "";
      unmount = mountInspector(host.current, inspectable.source);
    };
    inspectable.load().then(show, (error) => {
      said.value = `The inspector could not be loaded (${error}). Reload the page and try again.`;
    });
    return () => {
      wanted = false;
      unmount();
    };
  }, [inspectable.id]);
  return (
    <>
      {said.value && <p class="nbs-notice">{said.value}</p>}
      <div ref={host} />
    </>
  );
}
