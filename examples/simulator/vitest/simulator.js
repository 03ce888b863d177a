// A local simulator of the Claude API for tests: `const simulator = await startSimulator()`.
// `ANTHROPIC_SIM` names the program, which is `anthropic-sim` otherwise.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** Starts the simulator; resolves when it listens. */
export async function startSimulator(args = []) {
  const program = process.env.ANTHROPIC_SIM ?? "anthropic-sim";
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
  const url = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`${program} ended with ${code}`)));
    createInterface(child.stdout).once("line", resolve);
  });
  return new Simulator(url, child);
}

class Simulator {
  constructor(url, child) {
    this.url = url;
    this.child = child;
  }

  /** Answers requests that the condition holds for: `rule({ text: "weather" }, "It rains.")`. */
  rule(when, reply, more = {}) {
    return this.#ask("POST", "/_sim/rules", { when, reply, ...more });
  }

  /** Answers the next requests, one after the other. */
  queue(...replies) {
    return this.#ask("POST", "/_sim/rules", { queue: replies });
  }

  /** The requests received since the last reset, oldest first. */
  async requests(path = "/v1/messages") {
    return (await this.#ask("GET", `/_sim/requests?path=${path}`)).requests;
  }

  /** Moves the simulator's clock: batches end, files expire. */
  advance(seconds) {
    return this.#ask("POST", "/_sim/clock", { advance: seconds });
  }

  /** Goes back to the start: rules, requests, the clock, and what was created. */
  reset() {
    return this.#ask("POST", "/_sim/reset", {});
  }

  stop() {
    this.child.kill();
  }

  async #ask(method, path, body) {
    const response = await fetch(this.url + path, { method, body: body && JSON.stringify(body) });
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.error);
    return answer;
  }
}
