/**
 * Light or dark, whatever the host is. Where the host has colour variables the stylesheet uses those; this
 * decides the fallbacks and the form controls.
 */

export type Theme = "light" | "dark";

/** Keeps `data-theme` of the element right until the returned function is called. */
export function followTheme(element: HTMLElement): () => void {
  const update = () => {
    element.dataset.theme = themeAround(element);
  };
  const observer = new MutationObserver(update);
  const attributes = { attributes: true, attributeFilter: ["class", "style", "theme", ...DATA_ATTRIBUTES] };
  observer.observe(document.documentElement, attributes);
  observer.observe(document.body, attributes);
  const system = matchMedia("(prefers-color-scheme: dark)");
  system.addEventListener("change", update);
  update();
  return () => {
    observer.disconnect();
    system.removeEventListener("change", update);
  };
}

const DATA_ATTRIBUTES = ["data-jp-theme-light", "data-theme", "data-color-mode", "data-vscode-theme-kind"];

function themeAround(element: HTMLElement): Theme {
  return declaredTheme() ?? paintedTheme(element) ?? systemTheme();
}

/** What the host says by attribute or class: JupyterLab, VS Code, Colab, marimo and the usual page. */
function declaredTheme(): Theme | null {
  const { body, documentElement: html } = document;
  const jupyter = body.dataset.jpThemeLight;
  if (jupyter) return jupyter === "true" ? "light" : "dark";
  const words = [
    body.className,
    html.className,
    html.getAttribute("theme"),
    html.dataset.theme,
    html.dataset.colorMode,
  ];
  const said = words.join(" ").toLowerCase();
  if (/\b(light|vscode-light|vscode-high-contrast-light)\b/.test(said)) return "light";
  if (/\b(dark|vscode-dark|vscode-high-contrast)\b/.test(said)) return "dark";
  return null;
}

/** The brightness of the nearest opaque background. */
function paintedTheme(element: HTMLElement): Theme | null {
  for (let node = element.parentElement; node; node = node.parentElement) {
    const [red, green, blue, alpha = 1] = colorParts(getComputedStyle(node).backgroundColor);
    if (red === undefined || green === undefined || blue === undefined || alpha < 0.5) continue;
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 128 ? "dark" : "light";
  }
  return null;
}

/** The numbers of `rgb(…)` or `rgba(…)`; nothing for any other colour space. */
function colorParts(color: string): number[] {
  return color.startsWith("rgb") ? (color.match(/[\d.]+/g) ?? []).map(Number) : [];
}

function systemTheme(): Theme {
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}
