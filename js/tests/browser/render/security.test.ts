import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type * as Drawing from "./drawing";
import { payloads } from "./payloads";
import { Stage } from "./stage";

declare const drawing: typeof Drawing;

const ELEMENTS = new Set(
  (
    "a blockquote br button code del div em h1 h2 h3 h4 h5 h6 hr img ins kbd li mark ol p pre section span strong sub " +
    "sup table tbody td th thead tr u ul"
  ).split(" "),
);
const ATTRIBUTES = new Set(
  "alt aria-expanded aria-label class decoding dir href referrerpolicy rel role scope src start tabindex target title type".split(
    " ",
  ),
);
/** Of MathML, inside of `math` alone. */
const MATH_ELEMENTS = new Set(
  (
    "math mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow mspace msqrt mstyle msub " +
    "msubsup msup mtable mtd mtext mtr munder munderover none"
  ).split(" "),
);
const MATH_ATTRIBUTES = new Set(
  (
    "accent class depth display displaystyle fence form height largeop linethickness lspace mathsize mathvariant " +
    "maxsize minsize movablelimits rspace scriptlevel separator stretchy style symmetric voffset width"
  ).split(" "),
);

/** So many answers are drawn side by side: one after the other they would wait for half a minute of frames. */
const BATCH = 40;
/** Longer answers come in longer pieces: the longest is drawn again for each, which takes longer and longer. */
const PIECES = 100;

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.open();
});

afterAll(() => stage.close());

/** What each answer left in the page that it must not: elements, attributes, addresses, classes, script. */
async function harms(answers: [text: string, size: number][]): Promise<string[][]> {
  return stage.page.evaluate(
    async ([answers, html, math]) => {
      const harm = ({ root }: { root: HTMLElement }): string[] => {
        const found: string[] = [];
        for (const element of root.querySelectorAll("*")) {
          const [elements, attributes] = element instanceof MathMLElement ? math : html;
          if (!elements?.includes(element.localName)) found.push(`<${element.localName}>`);
          for (const { name, value } of element.attributes) {
            if (!attributes?.includes(name)) found.push(`${name}=${value}`);
            if (name === "class" && !/^(nbs-[a-z0-9-]+ ?)*$/.test(value)) found.push(`class=${value}`);
            if (name === "style" && /[(@]|position|display/.test(value)) found.push(`style=${value}`);
          }
          if (element instanceof HTMLAnchorElement && !/^(https?|mailto):/.test(element.protocol))
            found.push(element.href);
          if (element instanceof HTMLImageElement && !/^data:image\/png/.test(element.src))
            found.push(element.src);
        }
        if ("__pwned" in window) found.push("script ran");
        return found;
      };
      return (await drawing.showAll([...answers])).map(harm);
    },
    [answers, [[...ELEMENTS], [...ATTRIBUTES]], [[...MATH_ELEMENTS], [...MATH_ATTRIBUTES]]] as const,
  );
}

describe("a hostile answer", () => {
  it("is tried in more than three hundred ways", () => {
    expect(new Set(payloads("")).size).toBeGreaterThan(300);
  });

  it.each([41, 0])("does no harm in pieces of %i", { timeout: 240_000 }, async (size) => {
    const harmful: Record<string, string[]> = {};
    const rest = payloads(stage.origin);
    while (rest.length) {
      const batch = rest.splice(0, BATCH);
      const sizeOf = (text: string) => size && Math.max(size, text.length / PIECES);
      const found = await harms(batch.map((text) => [text, sizeOf(text)]));
      for (const [index, payload] of batch.entries()) {
        if (found[index]?.length !== 0) harmful[payload] = found[index] ?? ["not drawn"];
      }
    }
    await stage.page.waitForTimeout(300);
    expect(harmful).toEqual({});
    expect(stage.seen).toEqual([]);
  });

  it("does no harm when all come together", async () => {
    expect(await harms([[payloads(stage.origin).join("\n\n"), 50]])).toEqual([[]]);
    expect(stage.seen).toEqual([]);
  });
});

describe("the watch is awake", () => {
  it("hears of an image that the reader loads, and of no referrer", async () => {
    await stage.page.evaluate((text) => drawing.show(text, 0), `![a chart](${stage.origin}/wanted.png)`);
    await stage.page.click(".nbs-image-load");
    await expect.poll(() => stage.seen).toEqual([{ path: "/wanted.png", referer: undefined }]);
    await stage.page.getByText("Could not be loaded. Try again").waitFor();
    stage.seen.length = 0;
  });

  it("hears of a request that the page makes by itself", async () => {
    await stage.page.evaluate(() => {
      new Image().src = "/unwanted";
    });
    await expect.poll(() => stage.seen.map((request) => request.path)).toEqual(["/unwanted"]);
    stage.seen.length = 0;
  });
});
