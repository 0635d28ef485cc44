import type { MapMark } from "../api/client";

// The line of a mark, as on the map: told apart by its pattern, not only by its colour.
export function MarkSign({ mark }: { mark: MapMark }) {
  return (
    <svg className={`mark-sign mark-${mark}`} viewBox="0 0 30 12" aria-hidden="true">
      <path d="M1 6h22" />
      <path className="mark-head" d="M22 2.2 29 6l-7 3.8z" />
    </svg>
  );
}
