const BARE_URL = /^https?:\/\/[^\s<>"`\p{Cc}\p{Bidi_C}]{1,2000}/iu;
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
