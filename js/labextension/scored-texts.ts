/** Tokens of an answer with their probabilities, as a notebook holds them. */

export interface ScoredText {
  text: string;
  probability: number;
  top: [string, number][];
}

/** What an output holds, as far as it can be read: anybody may have written the file. */
export function scoredTexts(saved: unknown): ScoredText[] {
  const listed = typeof saved === "object" && saved !== null && "tokens" in saved ? saved.tokens : [];
  return (Array.isArray(listed) ? listed : []).flatMap((token: unknown) => {
    if (!isPair(token)) return [];
    const top: unknown[] = Array.isArray(token[2]) ? token[2] : [];
    const others = top.filter(isPair).map(([text, probability]): [string, number] => [text, probability]);
    return [{ text: token[0], probability: Math.min(1, Math.max(0, token[1])), top: others }];
  });
}

function isPair(value: unknown): value is [string, number, unknown?] {
  return Array.isArray(value) && typeof value[0] === "string" && Number.isFinite(value[1]);
}
