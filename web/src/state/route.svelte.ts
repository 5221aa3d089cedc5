// Where in the client we are. Addresses hold no names and no secrets.
import { codeFrom, pageAt, pathOf, type Page } from "../lib/path";

class Route {
  page = $state.raw<Page>(pageAt(location.pathname));
  /** A one-time code that came in the address. It lives here only, and in no history. */
  code = $state("");
  /** Where to go on to after signing in. */
  next: Page = { name: "rooms" };
  /** Where the help page was opened from. */
  from: Page = { name: "rooms" };

  constructor() {
    this.#takeCode();
    addEventListener("popstate", () => {
      this.#takeCode();
      this.page = pageAt(location.pathname);
    });
  }

  go(page: Page, replace = false): void {
    const path = pathOf(page);
    if (page.name === "help" && this.page.name !== "help") this.from = this.page;
    if (replace || path === location.pathname) history.replaceState(null, "", path);
    else history.pushState(null, "", path);
    this.page = page;
  }

  #takeCode(): void {
    if (location.hash.length < 2) return;
    const page = pageAt(location.pathname);
    if (["enter", "join", "setup"].includes(page.name)) this.code = codeFrom(location.hash);
    history.replaceState(null, "", location.pathname);
  }
}

export const route = new Route();

/** Plain links stay in the page. */
export function followLink(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = (event.target as Element).closest?.("a");
  if (!link || link.target || link.origin !== location.origin || link.hash) return;
  event.preventDefault();
  route.go(pageAt(link.pathname));
}
