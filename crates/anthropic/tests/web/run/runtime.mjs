// Starts `workerd` ($WORKERD names another program) with a configuration whose socket has the name `http`, on any free port.

import { spawn } from "node:child_process";
import { dirname } from "node:path";
import { createInterface } from "node:readline";

export async function workerd(config, env = {}) {
  const child = spawn(process.env.WORKERD ?? "workerd", ["serve", "--control-fd=3", "--socket-addr", "http=127.0.0.1:0", config], {
    cwd: dirname(config), env: { ...process.env, ...env }, stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  const stop = () => child.kill();
  process.on("exit", stop);
  const failed = new Promise((_, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`workerd ended with ${code}`)));
  });
  // Whoever waits for the port is told; later it is of no interest.
  failed.catch(() => {});
  const listening = (async () => {
    for await (const line of createInterface({ input: child.stdio[3] })) {
      const { event, socket, port } = JSON.parse(line);
      if (event === "listen" && socket === "http") return `http://127.0.0.1:${port}`;
    }
    throw new Error("workerd listens nowhere");
  })();
  return { url: await Promise.race([listening, failed]), stop };
}
