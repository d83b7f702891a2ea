/** What the person meant while the shop was out of reach: kept on the device, sent in order later. */
import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import type { Fetch } from "./session.js";
import { Offline, Refused, problemOf } from "./problems.js";
import type { paths } from "./schema.js";

type Posts = { [Path in keyof paths]: paths[Path] extends { post: { requestBody: { content: { "application/json": infer Body } } } } ? Body : never };

/** One POST with the key that makes all its repetitions one. */
export interface Intention {
  path: string;
  body: unknown;
  key: string;
}

export class Outbox {
  private waiting: Intention[];

  constructor(private readonly file: string) {
    this.waiting = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Intention[]) : [];
  }

  get length(): number {
    return this.waiting.length;
  }

  add<Path extends keyof Posts & string>(path: Path, body: Posts[Path]): void {
    this.keep([...this.waiting, { path, body, key: randomUUID() }]);
  }

  /**
   * Send what waits, oldest first, and return the refusals; stops with Offline where the shop can't
   * be reached, and goes on from there the next time, under the same keys.
   */
  async flush(base: string, send: Fetch): Promise<Refused[]> {
    const refused: Refused[] = [];
    for (let next = this.waiting[0]; next !== undefined; next = this.waiting[0]) {
      const answer = await send(
        new Request(base + next.path, {
          method: "POST",
          headers: { "Content-Type": "application/json", "Idempotency-Key": next.key },
          body: JSON.stringify(next.body),
        }),
      );
      const problem = await problemOf(answer);
      if (problem && problem.status >= 500) throw new Offline(problem.code);
      if (problem) refused.push(new Refused(problem));
      this.keep(this.waiting.slice(1));
    }
    return refused;
  }

  private keep(waiting: Intention[]): void {
    writeFileSync(`${this.file}.new`, JSON.stringify(waiting));
    renameSync(`${this.file}.new`, this.file);
    this.waiting = waiting;
  }
}
