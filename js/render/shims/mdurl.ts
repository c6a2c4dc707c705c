/** Stands in for mdurl, which only the link functions use that markdown.ts replaces: nothing is left to export. */
export {};
