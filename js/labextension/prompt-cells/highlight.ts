/** Highlighting of prompt cells. */

import type { EditorLanguageRegistry } from "@jupyterlab/codemirror";
import type { CellModel, NotebookPanel, NotebookTracker } from "@jupyterlab/notebook";
import { PROSE, PromptEditors } from "./prompt-editors";
import { isPromptSource } from "./source";

/** Highlights cells that begin with `%%chat` as prose, and all others as code. */
export function highlightPrompts(tracker: NotebookTracker, languages: EditorLanguageRegistry): void {
  const watch = (panel: NotebookPanel) => void watchPanel(panel, languages);
  tracker.forEach(watch);
  tracker.widgetAdded.connect((_, panel) => watch(panel));
}

async function watchPanel(panel: NotebookPanel, languages: EditorLanguageRegistry): Promise<void> {
  await panel.context.ready;
  const cells = panel.content.model?.cells;
  if (!cells) return;
  const watched = new WeakSet<CellModel>();
  const editors = new PromptEditors(panel);
  const watchAll = () => {
    for (const cell of cells) {
      if (watched.has(cell) || cell.type !== "code") continue;
      watched.add(cell);
      watchCell(cell, () => panel.content.codeMimetype, languages);
      cell.mimeTypeChanged.connect(() => void editors.update(cell));
    }
  };
  cells.changed.connect(watchAll);
  watchAll();
}

function watchCell(cell: CellModel, codeMimetype: () => string, languages: EditorLanguageRegistry): void {
  const update = async () => {
    if (isPrompt(cell) === (cell.mimeType === PROSE)) return;
    await settled(languages, cell.mimeType);
    if (isPrompt(cell)) cell.mimeType = PROSE;
    else if (cell.mimeType === PROSE) cell.mimeType = codeMimetype();
  };
  cell.contentChanged.connect(() => void update());
  // The notebook sets the kernel's language on every cell once it is known.
  cell.mimeTypeChanged.connect(() => void update());
  void update();
}

function isPrompt(cell: CellModel): boolean {
  return isPromptSource(cell.sharedModel.getSource());
}

/**
 * Waits until the editor shows its language: it loads languages asynchronously and shows the one that loads
 * last, which may not be the one that was set last.
 */
async function settled(languages: EditorLanguageRegistry, mimeType: string): Promise<void> {
  await languages.getLanguage(mimeType);
  await new Promise((done) => setTimeout(done));
}
