import { launch, Stage } from "../widget/stage";
import { chat, turn, answered } from "./chats";
import { ANSWER } from "../widget/replies";
import { it } from "vitest";
it("perf", async () => {
  const browser = await launch();
  const n = Number(process.env.N ?? 10000);
  const snapshot = chat(Array.from({ length: n }, (_, i) => turn(`t${i}`, `Question ${i}: how?`, { reply: answered(`r${i}`, i % 3 ? `Answer ${i}. ` + "Some **words** of text. ".repeat(20 + (i % 40)) : `Answer ${i}.\n\n` + ANSWER) })));
  const t0 = Date.now();
  const stage = await Stage.open(browser, chat([]), { bundle: "chat", height: Number(process.env.H ?? 480) });
  await stage.page.evaluate(() => window.views[0]!());
  const cdp = await stage.page.context().newCDPSession(stage.page);
  await cdp.send("Performance.enable", { timeDomain: "threadTicks" });
  const cpu = async () => { const m = (await cdp.send("Performance.getMetrics")).metrics; const g = (k: string) => m.find((x) => x.name === k)!.value; return [g("TaskDuration"), g("ScriptDuration"), g("LayoutDuration"), g("Nodes"), g("JSHeapUsedSize") / 1e6]; };
  const a = await cpu();
  const ms = await stage.page.evaluate(async (s) => {
    (window as any).host.restore({ ...s, seq: 2 });
    const t = performance.now();
    window.views.push(window.host.show());
    const sync = performance.now() - t;
    await new Promise((r) => requestAnimationFrame(() => setTimeout(r, 0)));
    return [sync, performance.now() - t];
  }, snapshot);
  await stage.page.waitForTimeout(1000);
  const b = await cpu();
  console.log("open sync/firstframe ms", ms, "cpu", b.map((v, i) => i < 3 ? Math.round((v - a[i]!) * 1000) : v));
  // scroll wheel-like: up 120 px per frame for 300 frames
  const scroll = async (step: number, frames: number) => {
    const c = await cpu();
    const r = await stage.page.evaluate(async ([step, frames]) => {
      const list = document.querySelector(".nbs-list")!;
      const target = list.scrollHeight > list.clientHeight + 10 ? list : document.documentElement;
      const gaps: number[] = []; let last = performance.now();
      for (let i = 0; i < frames!; i++) { target.scrollTop -= step!; await new Promise(requestAnimationFrame); const now = performance.now(); gaps.push(now - last); last = now; }
      gaps.sort((x, y) => x - y);
      return [gaps[gaps.length >> 1]!.toFixed(1), gaps[Math.floor(gaps.length * .95)]!.toFixed(1), gaps.at(-1)!.toFixed(1), target.scrollHeight, target.scrollTop];
    }, [step, frames]);
    const d = await cpu();
    console.log("scroll", step, "x", frames, "p50,p95,max,height,top", r, "cpu ms/frame", ((d[0]! - c[0]!) * 1000 / frames).toFixed(1), "nodes", d[3], "heap", d[4], "far/near", await stage.page.evaluate(() => [document.querySelectorAll(".nbs-far").length, document.querySelectorAll(".nbs-turn").length]));
  };
  await scroll(60, 200); await scroll(120, 200); await scroll(2000, 200); await scroll(50000, 20); await scroll(-120, 100);
  const e = await cpu();
  await stage.page.evaluate(async () => { document.querySelector(".nbs-list")!.scrollTop = 1e9; await new Promise(requestAnimationFrame); });
  for (let i = 0; i < 60; i++) await stage.receive({ t: "frame-of", seq: 3 + i, id: `t${n - 1}`, frame: { t: "frame", seq: 1000 + i, status: "streaming", text: [answeredLength(n - 1) + i * 5, "word "] } });
  const f = await cpu();
  console.log("60 frames streamed cpu ms each", ((f[0]! - e[0]!) * 1000 / 60).toFixed(1));
  const g = await cpu();
  await stage.receive({ t: "turn", seq: 63, at: n, turn: turn("new", "A new one") });
  await stage.page.waitForTimeout(300);
  const h = await cpu();
  console.log("new turn cpu", ((h[0]! - g[0]!) * 1000).toFixed(1), stage.errors);
  await stage.close(); await browser.close();
  function answeredLength(i: number) { return snapshot.turns[i]!.reply.text.length; }
}, 300000);
