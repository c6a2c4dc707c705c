/** `text` in pieces of `size` UTF-16 units; 0 takes it whole. */
export function pieces(text: string, size: number): string[] {
  const step = size || Math.max(text.length, 1);
  return Array.from({ length: Math.ceil(text.length / step) }, (_, i) =>
    text.slice(i * step, (i + 1) * step),
  );
}
