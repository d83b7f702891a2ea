/** Who this device is: its tokens and its guest cart, renewed once however many calls need it. */
import { randomUUID } from "node:crypto";
import { Offline, Refused, problemOf } from "./problems.js";
import type { components } from "./schema.js";

type Schemas = components["schemas"];
export type Tokens = Schemas["TokenPair"];
export type Fetch = (request: Request) => Promise<Response>;

export class Session {
  private renewal: Promise<boolean> | undefined;
  /** By this the shop knows the device again when the answer to a refresh was lost. */
  deviceId = randomUUID() as string;
  tokens: Tokens | undefined;
  cartToken: string | undefined;

  constructor(
    private readonly base: string,
    private readonly wire: Fetch,
  ) {}

  /** The request as this device sends it. */
  signed(request: Request): Request {
    const sent = request.clone();
    if (this.tokens) sent.headers.set("Authorization", `Bearer ${this.tokens.access}`);
    if (this.cartToken) sent.headers.set("X-Cart-Token", this.cartToken);
    return sent;
  }

  /** Keep what an answer says of the guest's cart. */
  heard(answer: Response): void {
    this.cartToken = answer.headers.get("X-Cart-Token") ?? this.cartToken;
  }

  loggedIn(tokens: Tokens): void {
    this.tokens = tokens;
    this.cartToken = undefined;
  }

  /**
   * Whether there is another access token than the refused one; all who ask at one moment share
   * one refresh, since a refresh token works once.
   */
  async renewed(refused: string | null): Promise<boolean> {
    if (!this.tokens) return false;
    if (refused !== `Bearer ${this.tokens.access}`) return true;
    this.renewal ??= this.renew(this.tokens.refresh).finally(() => {
      this.renewal = undefined;
    });
    return this.renewal;
  }

  private async renew(refresh: string): Promise<boolean> {
    const body: Schemas["RefreshInputRequest"] = { refresh, device_id: this.deviceId };
    const request = new Request(`${this.base}/api/v1/auth/token/refresh`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    const answer = await this.wire(request.clone())
      .catch(() => this.wire(request)) // once more, at once: the shop grants it for a moment only
      .catch((cause: unknown) => {
        throw new Offline(cause);
      });
    if (answer.ok) {
      this.tokens = (await answer.json()) as Tokens;
      return true;
    }
    const problem = await problemOf(answer);
    if (answer.status !== 401) throw problem ? new Refused(problem) : new Offline(answer.status);
    this.tokens = undefined;
    return false;
  }
}
