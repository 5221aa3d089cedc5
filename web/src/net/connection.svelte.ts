// The one live connection: its state as it really is, typed requests, and typed events.
import { io } from "socket.io-client";
import type { Result } from "../lib/types";
import type { Error as WireError, Events, Requests } from "../protocol";

export type Phase = "off" | "connecting" | "online" | "reconnecting" | "offline";
type Ended = Events["session:ended"]["reason"];

const ANSWER_WITHIN = 12_000;
const REFUSED_WAIT = 5;
const ENDED: readonly string[] = ["signed_out", "expired", "suspended"];

class Connection {
  phase = $state<Phase>("off");
  /** When the line was lost. */
  since = $state(0);
  /** Called when the server wants us to sign in again. */
  onended: (reason: Ended) => void = () => {};

  #socket = io({
    autoConnect: false,
    transports: ["websocket", "polling"],
    tryAllTransports: true,
    reconnectionDelay: 500,
    reconnectionDelayMax: 10_000,
    timeout: 10_000,
  });
  #comeBack: ReturnType<typeof setTimeout> | undefined;
  #online = new Set<() => void>();

  constructor() {
    this.#socket.on("connect", () => this.#connected());
    this.#socket.on("disconnect", (reason) => this.#lost(reason === "io server disconnect"));
    this.#socket.on("connect_error", (error) => this.#refused(error));
    this.on("session:ended", ({ reason }) => this.#ended(reason));
    this.on("server:goodbye", ({ retry_after }) => this.#restartIn(retry_after));
    addEventListener("offline", () => this.#lineDown());
    addEventListener("online", () => this.#lineUp());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible" && !this.#comeBack) this.#lineUp();
    });
  }

  start(): void {
    if (this.phase !== "off") return;
    this.phase = "connecting";
    this.since = Date.now();
    this.#socket.connect();
  }

  stop(): void {
    this.phase = "off";
    this.#forgetComeBack();
    this.#socket.disconnect();
  }

  /** Runs now if there is a connection, and again each time there is a new one. */
  onOnline(action: () => void): () => void {
    this.#online.add(action);
    if (this.phase === "online") action();
    return () => this.#online.delete(action);
  }

  on<N extends keyof Events>(name: N, action: (event: Events[N]) => void): void {
    this.#socket.on(name as string, action as (event: unknown) => void);
  }

  async request<N extends keyof Requests>(
    name: N,
    payload: Requests[N]["request"],
  ): Promise<Result<Requests[N]["answer"]>> {
    await this.#opening();
    // Without this the library would keep the request and send it later, out of our sight.
    if (!this.#socket.connected) return { ok: false, error: { code: "offline", message: "" } };
    try {
      return await this.#socket.timeout(ANSWER_WITHIN).emitWithAck(name, payload);
    } catch {
      const code = this.#socket.connected ? "timeout" : "offline";
      return { ok: false, error: { code, message: "" } };
    }
  }

  /** What is asked while the page opens waits for its first connection. */
  async #opening(): Promise<void> {
    if (this.phase !== "connecting") return;
    await new Promise<void>((resolve) => {
      this.#socket.once("connect", resolve);
      setTimeout(resolve, ANSWER_WITHIN);
    });
  }

  #connected(): void {
    this.#forgetComeBack();
    this.phase = "online";
    for (const action of [...this.#online]) action();
  }

  #lost(byServer: boolean): void {
    if (this.phase === "off") return;
    if (this.phase === "online") this.since = Date.now();
    this.phase = navigator.onLine ? "reconnecting" : "offline";
    if (byServer && !this.#comeBack) this.#restartIn(1);
  }

  #refused(error: Error & { data?: WireError }): void {
    if (this.phase === "off") return;
    const code = error.data?.code;
    if (code === "unauthenticated") return this.#ended("expired");
    if (code === "suspended") return this.#ended("suspended");
    if (this.phase !== "offline" && !navigator.onLine) this.phase = "offline";
    // A refusal by the server stops the library from trying again by itself.
    if (!this.#socket.active) this.#restartIn(error.data?.retry_after ?? REFUSED_WAIT);
  }

  #ended(reason: string): void {
    this.stop();
    this.onended((ENDED.includes(reason) ? reason : "expired") as Ended);
  }

  #restartIn(seconds: number): void {
    this.#forgetComeBack();
    const spread = 1 + Math.random() * 0.5;
    this.#comeBack = setTimeout(() => this.#lineUp(), seconds * spread * 1000);
    this.#socket.disconnect();
  }

  #forgetComeBack(): void {
    clearTimeout(this.#comeBack);
    this.#comeBack = undefined;
  }

  #lineDown(): void {
    if (this.phase === "off") return;
    if (this.phase === "online") this.since = Date.now();
    this.phase = "offline";
    this.#socket.io.engine?.close();
  }

  /** Try at once rather than after the library's next pause. */
  #lineUp(): void {
    if (this.phase === "off" || this.#socket.connected) return;
    this.#forgetComeBack();
    if (this.phase === "offline") this.phase = "reconnecting";
    this.#socket.disconnect();
    this.#socket.connect();
  }
}

export const connection = new Connection();
