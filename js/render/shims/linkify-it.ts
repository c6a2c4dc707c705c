/** Stands in for linkify-it: markdown-it makes one and calls `matchAtStart` alone, which markdown.ts replaces. */
export class LinkifyIt {
  matchAtStart(_text: string): null {
    return null;
  }
}
