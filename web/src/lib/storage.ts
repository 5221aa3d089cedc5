// The browser's storage, which may be switched off: then things are simply not kept.
//
// `tab` is for what was written and not yet sent; leaving quickly clears it. `device` holds the
// theme and the language, nothing else. No sign-in token is ever stored by a script.

function guarded(pick: () => Storage) {
  return {
    get(key: string): string | null {
      try {
        return pick().getItem(key);
      } catch {
        return null;
      }
    },
    set(key: string, value: string): void {
      try {
        pick().setItem(key, value);
      } catch {
        // Full or forbidden: the page works on without it.
      }
    },
    remove(key: string): void {
      try {
        pick().removeItem(key);
      } catch {
        // Forbidden: there is nothing to remove.
      }
    },
    clear(): void {
      try {
        pick().clear();
      } catch {
        // Forbidden: there is nothing to clear.
      }
    },
  };
}

export const tab = guarded(() => sessionStorage);
export const device = guarded(() => localStorage);
