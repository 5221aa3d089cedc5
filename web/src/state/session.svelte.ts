// Who is signed in, and every way in and out.
import { language, useLanguage } from "../i18n/index.svelte";
import { isDoor } from "../lib/path";
import { tab } from "../lib/storage";
import type { Language, Refusal, Result } from "../lib/types";
import { connection } from "../net/connection.svelte";
import { http } from "../net/http";
import type { Community, Events, Me, SettingsSet, SignedIn } from "../protocol";
import { route } from "./route.svelte";

type Ended = Events["session:ended"]["reason"];

class Session {
  phase = $state<"starting" | "unreachable" | "ready">("starting");
  me = $state.raw<Me | null>(null);
  community = $state.raw<Community | null>(null);
  /** Why the last session is over; shown on the sign-in page. */
  ended = $state<Ended | null>(null);

  constructor() {
    connection.onended = (reason) => this.#leave(reason);
    connection.on("person:changed", () => void this.refresh());
  }

  async start(): Promise<void> {
    this.phase = "starting";
    const [community, found] = await Promise.all([
      http<Community>("GET", "/api/community"),
      http<{ person: Me }>("GET", "/api/session"),
    ]);
    const signedOut = !found.ok && found.error.code === "unauthenticated";
    if (!community.ok || (!found.ok && !signedOut)) {
      this.phase = "unreachable";
      return;
    }
    this.community = community.data;
    if (found.ok) this.#enter(found.data.person);
    else this.#toDoor();
    this.phase = "ready";
  }

  signIn(handle: string, password: string): Promise<Refusal | null> {
    return this.#welcome(http<SignedIn>("POST", "/api/session", { handle, password }));
  }

  useLink(code: string): Promise<Refusal | null> {
    return this.#welcome(http<SignedIn>("POST", "/api/session/link", { code }));
  }

  accept(code: string, handle: string, password: string): Promise<Refusal | null> {
    const path = `/api/invitations/${encodeURIComponent(code)}/accept`;
    return this.#welcome(http<SignedIn>("POST", path, { handle, password }), language());
  }

  async setUp(code: string, community: string, handle: string, password: string) {
    const body = { code, community, handle, password };
    const refusal = await this.#welcome(http<SignedIn>("POST", "/api/setup", body), language());
    if (!refusal && this.community) {
      this.community = { ...this.community, name: community, setup_needed: false };
    }
    return refusal;
  }

  async signOut(): Promise<Refusal | null> {
    const done = await http("DELETE", "/api/session");
    if (!done.ok && done.error.code !== "unauthenticated") return done.error;
    this.#leave("signed_out");
    return null;
  }

  async signOutEverywhere(): Promise<Refusal | null> {
    const done = await http("DELETE", "/api/sessions");
    if (!done.ok) return done.error;
    this.#leave("signed_out");
    return null;
  }

  async settings(change: SettingsSet): Promise<Refusal | null> {
    const done = await connection.request("settings:set", change);
    if (!done.ok) return done.error;
    this.#become(done.data.me);
    return null;
  }

  async refresh(): Promise<void> {
    const found = await connection.request("person:me", {});
    if (found.ok) this.#become(found.data.me);
  }

  /** `chosen`: a new account starts with the language that it was made in. */
  async #welcome(asked: Promise<Result<SignedIn>>, chosen?: Language): Promise<Refusal | null> {
    const answer = await asked;
    if (!answer.ok) return answer.error;
    const person = answer.data.person;
    route.code = "";
    this.#enter(chosen ? { ...person, language: chosen } : person);
    if (chosen && chosen !== person.language) this.#keepLanguage(chosen);
    route.go(route.next, true);
    route.next = { name: "rooms" };
    return null;
  }

  #keepLanguage(chosen: Language): void {
    const stop = connection.onOnline(() => {
      void this.settings({ language: chosen });
      queueMicrotask(() => stop());
    });
  }

  #enter(person: Me): void {
    // Somebody else was here before in this tab: what they wrote is theirs.
    if (tab.get("person") !== person.id) tab.clear();
    tab.set("person", person.id);
    this.ended = null;
    this.#become(person);
    connection.start();
    if (isDoor(route.page) && route.page.name !== "join") route.go({ name: "rooms" }, true);
  }

  #become(person: Me): void {
    this.me = person;
    useLanguage(person.language);
  }

  #leave(reason: Ended): void {
    connection.stop();
    if (reason !== "expired") tab.clear();
    if (reason === "expired" && !isDoor(route.page)) route.next = route.page;
    this.ended = reason;
    this.me = null;
    route.go({ name: "signin" }, true);
  }

  #toDoor(): void {
    if (this.community?.setup_needed) return route.go({ name: "setup" }, true);
    if (isDoor(route.page) || route.page.name === "help") return;
    if (route.page.name !== "missing") route.next = route.page;
    route.go({ name: "signin" }, true);
  }
}

export const session = new Session();

/** The signed-in person. Only for what is shown after signing in. */
export function me(): Me {
  if (!session.me) throw new Error("Nobody is signed in.");
  return session.me;
}
