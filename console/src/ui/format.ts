// Bytes, rates, counts and times are written in this one place.
const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];

export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

export const formatRate = (bytesPerSecond: number) => `${formatBytes(bytesPerSecond)}/s`;

const counts = new Intl.NumberFormat("en-GB");
export const formatCount = (count: number) => counts.format(count);

const times = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium", timeZone: "UTC" });
export function formatTime(time: string | null): string {
  return time === null ? "never" : `${times.format(new Date(time))} UTC`;
}

const relative = new Intl.RelativeTimeFormat("en-GB", { numeric: "auto" });
export function formatAge(time: string | null, now: number): string {
  if (time === null) return "never";
  const seconds = Math.round((now - Date.parse(time)) / 1000);
  if (seconds < 5) return "now";
  if (seconds < 60) return relative.format(-seconds, "second");
  if (seconds < 3600) return relative.format(-Math.floor(seconds / 60), "minute");
  if (seconds < 86_400) return relative.format(-Math.floor(seconds / 3600), "hour");
  return relative.format(-Math.floor(seconds / 86_400), "day");
}
