/** A fetch that takes the shop at its word: it repeats what may be repeated, when it was told to. */
import { Offline, problemOf } from "./problems.js";
import type { Fetch, Session } from "./session.js";

/** How patient the app is; `waited` is what it was told to wait, in seconds. */
export class Pace {
  readonly waited: number[] = [];

  constructor(
    readonly tries = 4,
    readonly longestSeconds = 60,
    readonly firstPauseSeconds = 0.1,
  ) {}

  async obey(seconds: number): Promise<void> {
    this.waited.push(seconds);
    await this.pause(seconds);
  }

  /** After a lost connection nobody says how long to wait: a little, then twice as long. */
  async afterLoss(losses: number): Promise<void> {
    await this.pause(this.firstPauseSeconds * 2 ** (losses - 1));
  }

  private pause(seconds: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  }
}

/** Whether the request may be sent again although nobody knows if it has acted. */
function harmless(request: Request): boolean {
  return request.method === "GET" || request.headers.has("Idempotency-Key");
}

/** The seconds after which the same request may come again, if this answer says so. */
async function invitation(request: Request, answer: Response): Promise<number | undefined> {
  const told = answer.headers.get("Retry-After");
  if (told === null || !/^\d+$/.test(told)) return undefined;
  if (answer.status === 429) return Number(told); // refused at the door: nothing has happened
  if (!harmless(request)) return undefined;
  if (answer.status === 503) return Number(told);
  const problem = answer.status === 409 ? await problemOf(answer) : undefined;
  return problem?.code === "request_in_progress" ? Number(told) : undefined;
}

/** Wraps the device's connection; throws Offline when the shop stays out of reach. */
export function steady(session: Session, wire: Fetch, pace: Pace): Fetch {
  return async (request) => {
    let losses = 0;
    let renewals = 0;
    for (let tries = 1; ; tries += 1) {
      const sent = session.signed(request);
      const as = sent.headers.get("Authorization");
      let answer: Response;
      try {
        answer = await wire(sent);
      } catch (cause) {
        losses += 1;
        if (!harmless(request) || losses >= pace.tries) throw new Offline(cause);
        await pace.afterLoss(losses);
        continue;
      }
      session.heard(answer);
      if (answer.status === 401 && renewals === 0 && (await session.renewed(as))) {
        renewals += 1;
        continue;
      }
      const seconds = await invitation(request, answer);
      if (seconds === undefined || seconds > pace.longestSeconds || tries >= 3 * pace.tries) return answer;
      await pace.obey(seconds);
    }
  };
}
