/** ES modules sent as gzip. */

type Bytes = Uint8Array<ArrayBuffer>;

/** `fromBase64` is ES2026; without it, a widget's module takes 5 ms. */
const Decoder = Uint8Array as Uint8ArrayConstructor & { fromBase64?(text: string): Bytes };

/** Decodes base64. */
export function fromBase64(text: string): Bytes {
  return Decoder.fromBase64?.(text) ?? Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/** Unpacks a module and imports it from a Blob URL, as anywidget does. */
export async function importPacked<Module>(packed: Blob): Promise<Module> {
  const source = packed.stream().pipeThrough(new DecompressionStream("gzip"));
  const headers = { "Content-Type": "text/javascript" };
  const url = URL.createObjectURL(await new Response(source, { headers }).blob());
  try {
    return await import(url);
  } finally {
    URL.revokeObjectURL(url);
  }
}
