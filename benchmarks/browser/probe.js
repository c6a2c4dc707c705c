/**
 * What is measured inside the page; installed before JupyterLab loads, as `window.bench`.
 *
 * A receipt is a message of the kernel that carries output, at the moment its WebSocket delivers it. It is painted
 * at the end of the first frame after a change of the output that came after it.
 */
(() => {
  const OUTPUT = /"msg_type": ?"(comm_msg|update_display_data|display_data|stream)"/;
  const HEADER_BYTES = 400;

  const figures = {};
  let receipts = [];
  let painting = [];
  let inFrame = false;
  let observer = null;
  const afterFrame = new MessageChannel();
  const decoder = new TextDecoder();

  const head = (data) =>
    typeof data === "string"
      ? data.slice(0, HEADER_BYTES)
      : decoder.decode(new Uint8Array(data, 0, Math.min(HEADER_BYTES, data.byteLength)));

  const NativeSocket = window.WebSocket;
  window.WebSocket = class extends NativeSocket {
    constructor(...args) {
      super(...args);
      this.addEventListener("message", (event) => {
        if (!observer || !OUTPUT.test(head(event.data))) return;
        receipts.push(performance.now());
        figures.bytes += event.data.byteLength ?? event.data.length;
      });
    }
  };

  const nativeFrame = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (callback) =>
    nativeFrame((time) => {
      if (!inFrame) {
        inFrame = true;
        afterFrame.port2.postMessage(0);
      }
      callback(time);
    });
  afterFrame.port1.onmessage = () => {
    inFrame = false;
    const now = performance.now();
    figures.latencies?.push(...painting.map((receipt) => now - receipt));
    if (painting.length || figures.changed) figures.lastPaint = performance.timeOrigin + now;
    figures.changed = false;
    painting = [];
  };

  const size = (node) => 1 + (node.querySelectorAll?.("*").length ?? 0);

  function changed(mutations) {
    const change = [performance.timeOrigin + performance.now(), 0, 0];
    for (const mutation of mutations) {
      for (const node of mutation.addedNodes) change[1] += size(node);
      for (const node of mutation.removedNodes) change[2] += size(node);
    }
    figures.changes.push(change);
    figures.changed = true;
    painting.push(...receipts);
    receipts = [];
    if (!inFrame) window.requestAnimationFrame(() => {});
  }

  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) figures.longTasks?.push(entry.duration);
  }).observe({ type: "longtask" });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries())
      if (entry.name === "keydown") figures.slowKeys?.push(entry.duration);
  }).observe({ type: "event", durationThreshold: 16 });

  let wheelAt = 0;
  window.addEventListener("wheel", () => (wheelAt = performance.now()), { capture: true, passive: true });
  window.addEventListener(
    "scroll",
    () => {
      if (wheelAt) figures.scrolls?.push(performance.now() - wheelAt);
      wheelAt = 0;
    },
    { capture: true, passive: true },
  );

  window.bench = {
    /** Watches the output of one cell of the notebook that is shown. */
    start(index) {
      const output = window.jupyterapp.shell.currentWidget.content.widgets[index].outputArea.node;
      Object.assign(figures, {
        bytes: 0,
        changes: [],
        lastPaint: 0,
        latencies: [],
        longTasks: [],
        slowKeys: [],
        scrolls: [],
      });
      observer = new MutationObserver(changed);
      observer.observe(output, { childList: true, subtree: true, characterData: true });
    },
    figures: () => ({ ...figures }),
  };
})();
