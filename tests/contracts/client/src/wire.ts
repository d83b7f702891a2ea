/** The way between the device and the shop, which a drill can cut. */
import { createServer, connect, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import type { Fetch } from "./session.js";

/** A TCP proxy that forwards bytes, loses answers when told to, and goes down and comes back. */
export class Wire {
  private server: Server | undefined;
  private readonly open = new Set<Socket>();
  private port = 0;
  private toLose: RegExp | undefined;
  readonly lost: Promise<string>[] = [];

  constructor(private readonly shop: URL) {}

  get base(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Take connections, on the same port as before. */
  async up(): Promise<void> {
    const server = createServer((device) => this.join(device));
    await new Promise<void>((resolve) => server.listen(this.port, "127.0.0.1", resolve));
    this.port = (server.address() as AddressInfo).port;
    this.server = server;
  }

  /** Refuse connections and drop those that there are. */
  async down(): Promise<void> {
    const server = this.server;
    this.server = undefined;
    for (const socket of this.open) socket.destroy();
    if (server) await new Promise((resolve) => server.close(resolve));
  }

  /** The next request whose first line matches reaches the shop; its answer never reaches us. */
  loseAnswerTo(requestLine: RegExp): void {
    this.toLose = requestLine;
  }

  private join(device: Socket): void {
    const shop = connect(Number(this.shop.port), this.shop.hostname);
    let losing = false;
    for (const [one, other] of [[device, shop], [shop, device]] as const) {
      this.open.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        this.open.delete(one);
        if (!losing) other.destroy();
      });
    }
    device.on("data", (sent) => {
      if (this.toLose?.test(sent.toString("latin1").split("\r\n", 1)[0] ?? "")) {
        this.toLose = undefined;
        losing = true;
        this.lost.push(this.kept(shop, device));
      }
      shop.write(sent);
    });
    shop.on("data", (answer) => {
      if (!losing) device.write(answer);
    });
  }

  /** The answer's body, which the device is told nothing of: its connection breaks instead. */
  private kept(shop: Socket, device: Socket): Promise<string> {
    return new Promise((resolve, reject) => {
      let text = "";
      shop.on("data", (part) => {
        text += part.toString("utf8");
        const [head, body] = text.split("\r\n\r\n", 2) as [string, string | undefined];
        const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? Number.NaN);
        if (body === undefined || Buffer.byteLength(body) < length) return;
        resolve(body);
        device.destroy();
        shop.destroy();
      });
      shop.on("error", reject);
    });
  }
}

/** A fetch that notes each request and what was heard of it: `POST /orders 201`. */
export class Noted {
  readonly heard: string[] = [];

  readonly fetch: Fetch = async (request) => {
    const line = `${request.method} ${new URL(request.url).pathname.replace("/api/v1", "")}`;
    try {
      const answer = await fetch(request);
      this.heard.push(`${line} ${answer.status}`);
      return answer;
    } catch (cause) {
      this.heard.push(`${line} lost`);
      throw cause;
    }
  };

  /** What was heard since the last time. */
  taken(): string[] {
    return this.heard.splice(0);
  }
}
