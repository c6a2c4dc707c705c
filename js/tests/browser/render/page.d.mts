/** The page as HTML; it loads nothing. */
export function pageHtml(): Promise<string>;
