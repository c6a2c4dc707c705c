/**
 * Which addresses of an answer may become links or images.
 *
 * A click on a link is the one way left by which a hostile answer could send something out, so only web and mail
 * addresses become links, and the host they lead to is always readable.
 */
const HIDDEN = /[\p{Cc}\p{Bidi_C}\u00ad\u200b-\u200d\u2060\ufeff]/gu;
const LINK_SCHEMES = new Set(["https:", "http:", "mailto:"]);
const IMAGE_SCHEMES = new Set(["https:", "http:"]);
const INLINE_IMAGE = /^data:image\/(?:png|jpeg|gif|webp);base64,[a-z0-9+/=%]+$/i;

/** Where a link or a remote image leads. */
export interface Target {
  href: string;
  /** Host and port in ASCII (IDNA), or the mail address. */
  host: string;
}

/**
 * The target of a link, or null where it must not be one: other schemes than https, http and mailto, relative and
 * fragment addresses, and addresses with a user name, which serve to feign a host.
 */
export function linkTarget(raw: string): Target | null {
  return target(raw, LINK_SCHEMES);
}

/** The target of an image on the web, or null. */
export function imageTarget(raw: string): Target | null {
  return target(raw, IMAGE_SCHEMES);
}

/** The address of an image that is wholly contained in the answer, as PNG, JPEG, GIF or WebP; else null. */
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

/** The address without the characters that hide it from a reader or from a check. */
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

/** An absolute URL with its authority written out: `https:host` and `//host` are not. */
function parse(address: string): URL | null {
  if (!/^(?:https?:\/\/[^/\\]|mailto:[^/])/i.test(address)) return null;
  try {
    return new URL(address);
  } catch {
    return null;
  }
}

/** Whether the text of a link already says where it leads: it begins with the very host. */
export function showsHost(text: string, host: string): boolean {
  const shown = text
    .trim()
    .toLowerCase()
    .replace(/^(?:https?:\/\/|mailto:)/, "");
  const rest = shown.startsWith(host.toLowerCase()) ? shown.slice(host.length) : null;
  return rest !== null && /^(?:$|[/?#])/.test(rest);
}
