import { describe, expect, it } from "vitest";
import { SavedAnswer } from "./answer";
import { type SavedVersion, savedSnapshot } from "./saved";

/** Versions with the numbers 3, 4 and 5: the first three are no longer kept. */
const VERSIONS: SavedVersion[] = [3, 4, 5].map((number) => ({
  number,
  snapshot: savedSnapshot({ text: `text ${number}` }, {}),
}));

function loaded(): SavedAnswer {
  const answer = new SavedAnswer();
  answer.load({ versions: VERSIONS, active: 2, stale: false });
  return answer;
}

const state = (answer: SavedAnswer) => [answer.shown.value, answer.store.text.value, answer.onlyShown.value];
const taken = async () => true;
const refused = async () => false;

describe("a saved answer", () => {
  it("shows the version that counts", () => {
    expect(state(loaded())).toEqual([2, "text 5", false]);
    const answer = new SavedAnswer();
    answer.load({ versions: VERSIONS, active: 0, stale: false });
    expect(state(answer)).toEqual([0, "text 3", false]);
  });

  it("shows another one, which counts when the kernel takes it", async () => {
    const answer = loaded();
    const asked: number[] = [];
    await answer.choose(0, async (number) => asked.push(number) > 0);
    expect(asked).toEqual([3]);
    expect(state(answer)).toEqual([0, "text 3", false]);
  });

  it.each([
    ["refuses", refused],
    ["cannot be asked", () => Promise.reject(new Error("no kernel"))],
  ])("shows another one also when the kernel %s, and says so", async (_, choose) => {
    const answer = loaded();
    await answer.choose(1, choose);
    expect(state(answer)).toEqual([1, "text 4", true]);
    await answer.choose(2, choose);
    expect(state(answer)).toEqual([2, "text 5", false]);
  });

  it("claims nothing before the kernel has answered", async () => {
    const answer = loaded();
    const choice = answer.choose(1, refused);
    expect(state(answer)).toEqual([1, "text 4", false]);
    await choice;
    expect(answer.onlyShown.value).toBe(true);
  });

  it("keeps to the last that the kernel took", async () => {
    const answer = loaded();
    await Promise.all([answer.choose(1, taken), answer.choose(0, refused)]);
    expect(state(answer)).toEqual([0, "text 3", true]);
    await answer.choose(1, refused);
    expect(answer.onlyShown.value).toBe(false);
  });

  it("starts anew with a new output, whatever is still asked", async () => {
    const answer = loaded();
    const choice = answer.choose(0, taken);
    const versions = [...VERSIONS, { number: 6, snapshot: savedSnapshot({ text: "text 6" }, {}) }];
    answer.load({ versions, active: 3, stale: true });
    expect(answer.stale.value).toBe(true);
    await choice;
    expect(state(answer)).toEqual([3, "text 6", false]);
  });

  it("keeps the version that the reader chose when the same output is written again", async () => {
    const versions = VERSIONS.map(({ number, snapshot }) => ({
      number,
      snapshot: { ...snapshot, id: `r${number}` },
    }));
    const answer = new SavedAnswer();
    answer.load({ versions, active: 2, stale: false });
    await answer.choose(0, refused);
    answer.load({ versions: [...versions], active: 2, stale: true });
    expect(state(answer)).toEqual([0, "text 3", true]);
    answer.load({ versions, active: 1, stale: false });
    expect(state(answer)).toEqual([1, "text 4", false]);
  });

  it("has no version that there is not", async () => {
    const answer = loaded();
    await answer.choose(7, taken);
    expect(state(answer)).toEqual([2, "text 5", false]);
  });
});
