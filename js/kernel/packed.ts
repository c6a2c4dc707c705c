/** ES modules that travel packed by gzip. */

type Bytes = Uint8Array<ArrayBuffer>;

/** `fromBase64` is ES2026; going without it costs a page 5 ms for a widget's module. */
const Decoder = Uint8Array as Uint8ArrayConstructor & { fromBase64?(text: string): Bytes };

/** Decodes base64. */
export function fromBase64(text: string): Bytes {
  return Decoder.fromBase64?.(text) ?? Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/** Unpacks a module and evaluates it, from a Blob URL as anywidget does. */
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
