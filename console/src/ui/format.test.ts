import { expect, test } from "vitest";
import { formatAge, formatBytes, formatCount, formatTime } from "./format";

test("bytes are written with the unit that fits", () => {
  expect([0, 999, 1000, 12_345, 999_949, 999_960, 1_500_000_000].map(formatBytes)).toEqual([
    "0 B",
    "999 B",
    "1.0 kB",
    "12.3 kB",
    "1.0 MB",
    "1.0 MB",
    "1.5 GB",
  ]);
});

test("ages are words a person would use", () => {
  const now = Date.parse("2026-11-21T04:00:00Z");
  expect(formatAge(null, now)).toBe("never");
  expect(formatAge("2026-11-21T03:59:58Z", now)).toBe("now");
  expect(formatAge("2026-11-21T03:59:30Z", now)).toBe("30 seconds ago");
  expect(formatAge("2026-11-21T02:00:00Z", now)).toBe("2 hours ago");
  expect(formatAge("2026-11-20T04:00:00Z", now)).toBe("yesterday");
});

test("times are in UTC and say so", () => {
  expect(formatTime("2026-11-21T04:05:06.789Z")).toBe("21 Nov 2026, 04:05:06 UTC");
  expect(formatTime(null)).toBe("never");
});

test("counts are grouped", () => {
  expect(formatCount(1_234_567)).toBe("1,234,567");
});
