// Spans of whole days in this browser's time zone. A day is written YYYY-MM-DD, as a date input has it.
export type Span = { from?: string | undefined; to?: string | undefined };

const pad = (n: number) => n.toString().padStart(2, '0');

/** The local day of a moment. */
export function dayOf(date: Date): string {
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
}

/** So many days after (or, negative, before) a day. */
export function addDays(day: string, days: number): string {
  const date = midnight(day);
  date.setDate(date.getDate() + days);
  return dayOf(date);
}

export function isDay(text: string | undefined): text is string {
  return text !== undefined && /^\d{4}-\d\d-\d\d$/.test(text) && dayOf(midnight(text)) === text;
}

/** A span of days, the last one included, as the instants of the API: from this one on, and before that one. */
export function spanInstants(span: Span): { from?: string; to?: string } {
  return {
    ...(isDay(span.from) ? { from: midnight(span.from).toISOString() } : {}),
    ...(isDay(span.to) ? { to: midnight(addDays(span.to, 1)).toISOString() } : {}),
  };
}

export type Preset = 'today' | 'week' | 'month' | 'lastMonth' | 'last30' | 'last90' | 'year';

/** A span by its name; `today` is YYYY-MM-DD. A week begins on Monday. */
export function presetSpan(preset: Preset, today: string): Required<Span> {
  const date = midnight(today);
  const firstOf = (year: number, month: number) => dayOf(new Date(year, month, 1));
  const [year, month] = [date.getFullYear(), date.getMonth()];
  switch (preset) {
    case 'today':
      return { from: today, to: today };
    case 'week':
      return { from: addDays(today, -((date.getDay() + 6) % 7)), to: today };
    case 'month':
      return { from: firstOf(year, month), to: today };
    case 'lastMonth':
      return { from: firstOf(year, month - 1), to: addDays(firstOf(year, month), -1) };
    case 'last30':
      return { from: addDays(today, -29), to: today };
    case 'last90':
      return { from: addDays(today, -89), to: today };
    case 'year':
      return { from: firstOf(year, 0), to: today };
  }
}

/** This browser's IANA time zone. */
export function zoneName(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
}

function midnight(day: string): Date {
  const [year = 1970, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date);
}
