/** ES modules that travel packed by gzip. */

/** Decodes base64. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
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
