/** It also ends before full-width punctuation and curved quotes, where Chinese and Japanese put no space. */
const BARE_URL =
  /^https?:\/\/[^\s<>"`\p{Cc}\p{Bidi_C}\u2018-\u201f\u2026\u3001-\u303f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]{1,2000}/iu;
const TRAILING = /[?!.,:;*_~'"\]}]$/;

/**
 * A bare http(s) URL at the start of `text`, as GFM's extended autolinks read it: punctuation at the end and a
 * closing parenthesis without its opening one belong to the sentence.
 */
export function bareUrlAt(text: string): { url: string } | null {
  let url = BARE_URL.exec(text)?.[0] ?? "";
  while (TRAILING.test(url) || (url.endsWith(")") && !balanced(url))) url = url.slice(0, -1);
  return /^https?:\/\/[^/?#]/i.test(url) ? { url } : null;
}

function balanced(url: string): boolean {
  return url.split("(").length >= url.split(")").length;
}
