import { useSyncExternalStore } from "react";

const dark = matchMedia("(prefers-color-scheme: dark)");

function subscribe(listener: () => void): () => void {
  dark.addEventListener("change", listener);
  return () => dark.removeEventListener("change", listener);
}

/** The theme that the user's system asks for. */
export function useTheme(): "dark" | "light" {
  return useSyncExternalStore(subscribe, () => (dark.matches ? "dark" : "light"));
}
