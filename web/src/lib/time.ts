// Days and hours as people say them. Pure: the language and, where needed, `now` are arguments.

const formats = new Map<string, Intl.DateTimeFormat>();

function format(language: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = language + JSON.stringify(options);
  let found = formats.get(key);
  if (!found) formats.set(key, (found = new Intl.DateTimeFormat(language, options)));
  return found;
}

export function clock(at: string | number, language: string): string {
  return format(language, { hour: "numeric", minute: "2-digit" }).format(new Date(at));
}

export function dayAndClock(at: string | number, language: string): string {
  return format(language, { dateStyle: "medium", timeStyle: "short" }).format(new Date(at));
}

export function dateOf(at: string | number, language: string): string {
  return format(language, { dateStyle: "long" }).format(new Date(at));
}

/** One value per local day, to see where a new one begins. */
export function dayKey(at: string | number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${date.getMonth()}-${date.getDate()}`;
}

/** How many local days ago: 0 is today. */
export function daysAgo(at: string | number, now: number): number {
  const midnight = (value: string | number) => new Date(value).setHours(0, 0, 0, 0);
  return Math.round((midnight(now) - midnight(at)) / 86_400_000);
}

/** "Tuesday 3 March"; with the year when it is not this one. */
export function dayName(at: string | number, language: string, now: number): string {
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return format(language, {
    weekday: "long",
    day: "numeric",
    month: "long",
    ...(sameYear ? {} : { year: "numeric" }),
  }).format(new Date(at));
}
