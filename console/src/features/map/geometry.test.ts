import { expect, test } from "vitest";
import { arrowHead, fitInto, reveal, roundedPath, zoomAt } from "./geometry";

test("a straight route is a straight line", () => {
  expect(
    roundedPath([
      { x: 0, y: 5 },
      { x: 40, y: 5 },
    ]),
  ).toBe("M0 5L40 5");
});

test("corners are rounded, and less so when the stretch is short", () => {
  const long = [
    { x: 0, y: 0 },
    { x: 40, y: 0 },
    { x: 40, y: 40 },
  ];
  expect(roundedPath(long)).toBe("M0 0L31 0Q40 0 40 9L40 40");
  const short = [
    { x: 0, y: 0 },
    { x: 40, y: 0 },
    { x: 40, y: 4 },
  ];
  expect(roundedPath(short)).toBe("M0 0L38 0Q40 0 40 2L40 4");
});

test("the arrow points where the route goes", () => {
  expect(
    arrowHead([
      { x: 0, y: 0 },
      { x: 40, y: 0 },
    ]),
  ).toBe("M33 -4L40 0L33 4Z");
  expect(
    arrowHead([
      { x: 40, y: 0 },
      { x: 0, y: 0 },
    ]),
  ).toBe("M7 -4L0 0L7 4Z");
});

test("everything fits into the room", () => {
  const view = fitInto({ width: 2000, height: 500 }, { width: 1024, height: 800 });
  expect(view.scale).toBeCloseTo(0.5);
  expect(view.x).toBeCloseTo(12);
});

test("zooming keeps what lies under the pointer", () => {
  const before = { x: 10, y: 20, scale: 1 };
  const after = zoomAt(before, 2, { x: 110, y: 120 });
  expect(after).toEqual({ scale: 2, x: -90, y: -80 });
});

test("revealing moves no more than needed", () => {
  const room = { width: 500, height: 500 };
  const box = { x: 600, y: 100, width: 100, height: 40 };
  expect(reveal({ x: 0, y: 0, scale: 1 }, box, room)).toEqual({ x: -240, y: 0, scale: 1 });
  expect(reveal({ x: -240, y: 0, scale: 1 }, box, room)).toEqual({ x: -240, y: 0, scale: 1 });
});
