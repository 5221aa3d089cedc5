// What comes before the socket: JSON over HTTP. The session is a cookie that no script can read.
import type { Result } from "../lib/types";

const TIMEOUT = 15_000;

export async function http<T>(
  method: "GET" | "POST" | "DELETE",
  path: string,
  body?: object,
): Promise<Result<T>> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), TIMEOUT);
  try {
    const response = await fetch(path, {
      method,
      signal: stop.signal,
      headers: { Accept: "application/json", ...(body && { "Content-Type": "application/json" }) },
      body: body ? JSON.stringify(body) : null,
    });
    return await answer<T>(response);
  } catch {
    const code = stop.signal.aborted ? "timeout" : "offline";
    return { ok: false, error: { code, message: "" } };
  } finally {
    clearTimeout(timer);
  }
}

async function answer<T>(response: Response): Promise<Result<T>> {
  const found: unknown = await response.json().catch(() => null);
  if (isResult<T>(found)) return found;
  const code = response.status === 401 ? "unauthenticated" : "unavailable";
  return { ok: false, error: { code, message: "" } };
}

function isResult<T>(found: unknown): found is Result<T> {
  return typeof found === "object" && found !== null && "ok" in found;
}
