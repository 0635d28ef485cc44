import type { StreamMap } from "../../api/client";

type Point = StreamMap["edges"][number]["route"][number];

const CORNER = 9;

function towards(from: Point, to: Point, distance: number): Point {
  const length = Math.abs(to.x - from.x) + Math.abs(to.y - from.y);
  if (length === 0) return from;
  return {
    x: from.x + ((to.x - from.x) * distance) / length,
    y: from.y + ((to.y - from.y) * distance) / length,
  };
}

const distance = (from: Point, to: Point) => Math.abs(to.x - from.x) + Math.abs(to.y - from.y);

// A route of horizontal and vertical stretches as a path with rounded corners.
export function roundedPath(route: readonly Point[]): string {
  const [start, ...rest] = route;
  if (!start) return "";
  let path = `M${start.x} ${start.y}`;
  rest.forEach((point, index) => {
    const before = route[index];
    const after = rest[index + 1];
    if (!before || !after) {
      path += `L${point.x} ${point.y}`;
      return;
    }
    const radius = Math.min(CORNER, distance(before, point) / 2, distance(point, after) / 2);
    const enter = towards(point, before, radius);
    const leave = towards(point, after, radius);
    path += `L${enter.x} ${enter.y}Q${point.x} ${point.y} ${leave.x} ${leave.y}`;
  });
  return path;
}

// An arrow head at the end of a route; routes end horizontally.
export function arrowHead(route: readonly Point[]): string {
  const end = route.at(-1);
  const before = route.at(-2);
  if (!end || !before) return "";
  const back = before.x < end.x ? -1 : 1;
  return `M${end.x + 7 * back} ${end.y - 4}L${end.x} ${end.y}L${end.x + 7 * back} ${end.y + 4}Z`;
}

export interface Viewport {
  x: number;
  y: number;
  scale: number;
}

export interface Size {
  width: number;
  height: number;
}

export const SCALE_MIN = 0.2;
export const SCALE_MAX = 3;
const READABLE = 0.45;
const FOOTER = 52;

const NARROW = 760; // as in the style sheet: the panel lies below
const PANEL_WIDTH = 380;
const PANEL_SHARE = 0.62;

// What the open panel leaves of the room.
export function besidePanel(room: Size): Size {
  if (room.width <= NARROW) return { ...room, height: room.height * (1 - PANEL_SHARE) };
  return { ...room, width: room.width - PANEL_WIDTH };
}

// Everything in sight, clear of the zoom buttons at the bottom; where that would be too small to read, the upper left.
export function fitInto(content: Size, room: Size): Viewport {
  const free = { width: room.width - 24, height: room.height - FOOTER - 12 };
  const wanted = Math.min(free.width / content.width, free.height / content.height);
  const scale = Math.min(1.35, Math.max(READABLE, wanted));
  return {
    scale,
    x: Math.max(12, (room.width - content.width * scale) / 2),
    y: Math.max(12, 12 + (free.height - content.height * scale) / 2),
  };
}

export function isWhole(content: Size, viewport: Viewport, room: Size): boolean {
  return content.width * viewport.scale <= room.width && content.height * viewport.scale <= room.height;
}

// Zooms so that what lies under `at` stays there.
export function zoomAt(viewport: Viewport, factor: number, at: Point): Viewport {
  const scale = Math.min(SCALE_MAX, Math.max(SCALE_MIN, viewport.scale * factor));
  const ratio = scale / viewport.scale;
  return { scale, x: at.x - (at.x - viewport.x) * ratio, y: at.y - (at.y - viewport.y) * ratio };
}

// Moves no more than needed to bring a box into the free part of the room.
export function reveal(viewport: Viewport, box: Size & Point, room: Size): Viewport {
  const margin = 40;
  const left = viewport.x + box.x * viewport.scale;
  const top = viewport.y + box.y * viewport.scale;
  const right = left + box.width * viewport.scale;
  const bottom = top + box.height * viewport.scale;
  const shift = (low: number, high: number, room: number) =>
    low < margin ? margin - low : high > room - margin ? room - margin - high : 0;
  return {
    ...viewport,
    x: viewport.x + shift(left, right, room.width),
    y: viewport.y + shift(top, bottom, room.height),
  };
}
