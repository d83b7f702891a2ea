/** Runs one drill: `node build/main.js purchase`. */
import { endedLogin } from "./drills/ended_login.js";
import { expiredToken } from "./drills/expired_token.js";
import { lostAnswers } from "./drills/lost_answers.js";
import { offline } from "./drills/offline.js";
import { purchase } from "./drills/purchase.js";
import { refusals } from "./drills/refusals.js";
import { stillAtWork } from "./drills/still_at_work.js";
import { toldToWait } from "./drills/told_to_wait.js";
import { tell } from "./world.js";

const DRILLS = new Map(
  Object.entries({ purchase, lostAnswers, expiredToken, endedLogin, toldToWait, stillAtWork, offline, refusals }),
);

const drill = DRILLS.get(process.argv[2] ?? "");
if (drill === undefined) throw new Error(`one of: ${[...DRILLS.keys()].join(", ")}`);
await drill();
tell("done");
process.exit(0); // kept-alive connections would hold the process for some seconds
