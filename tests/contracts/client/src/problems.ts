/** What the shop refuses, as the contract describes it, and how a program tells one from another. */
import type { components } from "./schema.js";

export type Problem = components["schemas"]["Problem"];

/** The figures of the refusals that the app shows to a person, by code. */
export interface Figures {
  insufficient_stock: { requested: number; available: number };
  line_limit_exceeded: { maximum: number };
  quote_changed: { expected: string; actual: string; difference: string };
}

/** A problem whose code is known, with the figures that belong to it. */
export type Told<Code extends keyof Figures> = Omit<Problem, "code" | "context"> & {
  code: Code;
  context: Figures[Code];
};

/** Narrows a problem to one of the codes that its operation can give, and to its figures. */
export function is<Any extends Problem, Code extends keyof Figures & Any["code"]>(
  problem: Any,
  code: Code,
): problem is Any & Told<Code> {
  return problem.code === code && problem.context !== undefined;
}

/** Reads a problem document from an answer; whatever else a proxy may send is none. */
export async function problemOf(answer: Response): Promise<Problem | undefined> {
  const kind = answer.headers.get("Content-Type") ?? "";
  if (!kind.startsWith("application/problem+json")) return undefined;
  return (await answer.clone().json()) as Problem;
}

/** The shop understood the request and refused it. */
export class Refused extends Error {
  constructor(readonly problem: Problem) {
    super(`${problem.status} ${problem.code}: ${problem.detail}`);
  }
}

/** No answer came, so nobody knows what became of the request. */
export class Offline extends Error {
  constructor(cause: unknown) {
    super("the shop could not be reached", { cause });
  }
}
