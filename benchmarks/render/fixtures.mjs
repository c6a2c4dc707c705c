/** Answers to measure with: a bit of everything that models write, of any length, the same in every run. */

const WORDS =
  "the answer of a model streams into the cell while the kernel reads bytes and decodes events that carry text".split(
    " ",
  );
const CODE = {
  python:
    "def mean(values: list[float]) -> float:\n    total = sum(values)  # plain sum\n    return total / len(values)\n",
  javascript:
    "export function debounce(fn, ms) {\n  let timer;\n  return () => {\n    clearTimeout(timer);\n    timer = setTimeout(fn, ms);\n  };\n}\n",
  sql: "SELECT name, count(*) AS n\nFROM orders\nWHERE total > 100\nGROUP BY name\nORDER BY n DESC;\n",
  bash: 'for file in *.csv; do\n  wc -l "$file"\ndone\n',
  json: '{"model": "demo", "stream": true, "messages": [{"role": "user", "content": "hi"}]}\n',
};

/**
 * A Markdown answer of `length` characters. Its blocks are as short as models write them: 100 KB are some 6,300 nodes
 * before code is coloured.
 */
export function mixed(length) {
  let text = "";
  for (let i = 0; text.length < length; i++) text += BLOCKS[i % BLOCKS.length](i);
  return text.slice(0, length);
}

/** One block of a single construct, `length` characters long. */
export function single(kind, length) {
  let text = SINGLE[kind].head;
  for (let i = 0; text.length < length; i++) text += SINGLE[kind].line(i);
  return text.slice(0, length);
}

const words = (seed, count) =>
  Array.from({ length: count }, (_, i) => WORDS[(seed * 7 + i * 5) % WORDS.length]).join(" ");

const paragraph = (i) =>
  `${words(i, 14)}, **bold ${words(i + 1, 3)}**, *emphasis* and \`code_${i}\`; see [the docs](https://example.com/${i}) ` +
  `and $x_${i}^2 + y$ for ${words(i + 2, 14)}.\n\n`;

const fence = (i) => {
  const names = Object.keys(CODE);
  const name = names[i % names.length];
  return `\`\`\`${name}\n${CODE[name].repeat(3)}\`\`\`\n\n`;
};

const BLOCKS = [
  (i) => `## Section ${i}: ${words(i, 4)}\n\n`,
  paragraph,
  paragraph,
  (i) =>
    `- first ${words(i, 8)}\n- **second** ${words(i + 1, 9)}\n  - nested \`item\` ${words(i, 5)}\n- third\n\n`,
  fence,
  paragraph,
  (i) =>
    `| name | value | note |\n|:-----|------:|:----:|\n${[1, 2, 3, 4].map((n) => `| ${words(i + n, 2)} | ${i * n} | *${words(n, 3)}* |\n`).join("")}\n`,
  (i) => `1. ${words(i, 12)}\n2. ${words(i + 3, 12)}\n3. 中文和 emoji 🎉 ${words(i, 4)}\n\n`,
  () => "$$\n\\int_0^1 f(x)\\,dx = \\sum_{n=1}^{\\infty} \\frac{1}{n^2}\n$$\n\n",
  (i) => `> ${words(i, 12)}\n> ${words(i + 1, 10)}\n\n`,
  fence,
];

const SINGLE = {
  fence: {
    head: "```python\n",
    line: (i) => `value_${i} = compute(${i}, "text")  # ${WORDS[i % WORDS.length]}\n`,
  },
  list: { head: "", line: (i) => `- item ${i} with **bold** and \`code\` ${words(i, 6)}\n` },
  table: {
    head: "| a | b | c |\n|---|--:|---|\n",
    line: (i) => `| ${words(i, 3)} | ${i} | *${words(i, 2)}* |\n`,
  },
  paragraph: { head: "", line: (i) => `${words(i, 12)} **bold ${i}** and \`code\`\n` },
  quote: { head: "", line: (i) => `> ${words(i, 12)} **bold ${i}** and \`code\`\n` },
};
