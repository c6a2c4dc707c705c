/**
 * Which addresses of an answer may become links or images.
 *
 * A click on a link is the only way for a hostile answer to leak data, so only web and mail addresses become
 * links, and their host is always readable.
 */
const HIDDEN = /[\p{Cc}\p{Bidi_C}\u00ad\u200b-\u200d\u2060\ufeff]/gu;
const LINK_SCHEMES = new Set(["https:", "http:", "mailto:"]);
const IMAGE_SCHEMES = new Set(["https:", "http:"]);
const INLINE_IMAGE = /^data:image\/(?:png|jpeg|gif|webp);base64,[a-z0-9+/=%]+$/i;

/** The target of a link or a remote image. */
export interface Target {
  href: string;
  /** Host and port in ASCII (IDNA), or the mail address. */
  host: string;
}

/**
 * The target of a link, or null if it is not allowed: schemes other than https, http and mailto, relative and
 * fragment addresses, and addresses with a user name, which can fake a host.
 */
export function linkTarget(raw: string): Target | null {
  return target(raw, LINK_SCHEMES);
}

/** The target of an image on the web, or null. */
export function imageTarget(raw: string): Target | null {
  return target(raw, IMAGE_SCHEMES);
}

/** The data: URL of a PNG, JPEG, GIF or WebP image; null for other addresses. */
export function inlineImage(raw: string): string | null {
  const address = clean(raw);
  return INLINE_IMAGE.test(address) ? address : null;
}

function target(raw: string, schemes: ReadonlySet<string>): Target | null {
  const url = parse(clean(raw));
  if (!url || !schemes.has(url.protocol) || url.username || url.password) return null;
  const host = url.protocol === "mailto:" ? mailbox(url) : url.host;
  return host ? { href: url.href, host } : null;
}

/** The address without characters that hide a part of it. */
function clean(raw: string): string {
  return raw.replace(HIDDEN, "").trim();
}

function mailbox(url: URL): string {
  return decode(url.pathname);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** An absolute URL with an authority; `https:host` and `//host` are refused. */
function parse(address: string): URL | null {
  if (!/^(?:https?:\/\/[^/\\]|mailto:[^/])/i.test(address)) return null;
  try {
    return new URL(address);
  } catch {
    return null;
  }
}

/** Whether the text of a link already shows its target: it begins with the exact host. */
export function showsHost(text: string, host: string): boolean {
  const shown = text
    .trim()
    .toLowerCase()
    .replace(/^(?:https?:\/\/|mailto:)/, "");
  const rest = shown.startsWith(host.toLowerCase()) ? shown.slice(host.length) : null;
  return rest !== null && /^(?:$|[/?#])/.test(rest);
}
