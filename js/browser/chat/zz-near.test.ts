import { launch, Stage } from "../widget/stage";
import { chat, turn, answered } from "./chats";
import { ANSWER } from "../widget/replies";
import { it } from "vitest";
it("near", async () => {
  const browser = await launch();
  const snapshot = chat(Array.from({ length: 100 }, (_, i) => turn(`t${i}`, `Question ${i}: how?`, { reply: answered(`r${i}`, i % 3 ? "words ".repeat(100): ANSWER) })));
  const stage = await Stage.open(browser, snapshot, { bundle: "chat" });
  for (const top of [20000, 10000, 5000]) {
  await stage.page.evaluate((top) => { document.querySelector(".nbs-list")!.scrollTop = top; }, top);
  await stage.page.waitForTimeout(500);
  console.log(await stage.page.evaluate(() => { const l = document.querySelector(".nbs-list")!.getBoundingClientRect(); return [...document.querySelectorAll(".nbs-far, .nbs-turn")].map(e => { const r = e.getBoundingClientRect(); return [e.className, Math.round(r.top - l.top), Math.round(r.bottom - l.top)].join(" "); }).filter(s => Math.abs(Number(s.split(" ")[1])) < 4000) }));
  }
  await stage.close(); await browser.close();
}, 60000);
