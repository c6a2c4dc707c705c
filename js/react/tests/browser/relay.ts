/** A real relay in front of the demo model, and a cable to it that a test can cut. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import path from "node:path";
import { createInterface } from "node:readline";

const ROOT = path.join(import.meta.dirname, "../../../..");
const PYTHON = process.env.NBSTREAM_PYTHON ?? path.join(ROOT, ".venv/bin/python");
const PROGRAM = `
import os, sys
from nbstream import Chat
from nbstream.relay.command import PAGE
from nbstream.relay.server import serve
serve(Chat(sys.argv[1]), port=0, token=os.environ.get("RELAY_TOKEN"), ui=PAGE)
`;

export interface Relay {
  port: number;
  close: () => Promise<void>;
}

export async function startRelay(model: string, token?: string): Promise<Relay> {
  const { OPENAI_API_KEY, OPENAI_BASE_URL, ...env } = process.env;
  const relay = spawn(PYTHON, ["-c", PROGRAM, model], {
    cwd: ROOT,
    env: { ...env, NBSTREAM_NO_PROBE: "1", ...(token && { RELAY_TOKEN: token }) },
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const line of createInterface({ input: relay.stdout })) {
    const port = Number(line.match(/is listening at \S+:(\d+)/)?.[1]);
    const close = async () => {
      relay.kill("SIGINT");
      if (relay.exitCode === null) await once(relay, "exit");
    };
    if (port) return { port, close };
  }
  throw new Error("The relay did not start.");
}

/** Forwards bytes to a port until it is cut. */
export class Cable {
  /** How many connections were made through it. */
  connections = 0;
  readonly #sockets = new Set<Socket>();
  readonly #server;

  constructor(port: number) {
    this.#server = createServer((near) => {
      this.connections += 1;
      const far = connect(port, "127.0.0.1");
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(from);
        from.on("error", () => {}).on("close", () => this.#sockets.delete(from));
        from.pipe(to);
      }
    });
  }

  async url(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Breaks all connections; new ones can be made. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  close(): void {
    this.cut();
    this.#server.close();
  }
}
