import { memo } from "react";
import type { MapEdge } from "../../api/client";
import { arrowHead, roundedPath } from "./geometry";
import { rateLevel } from "./model";

interface Props {
  edge: MapEdge;
  hue: number | undefined;
  emphasis: "normal" | "strong" | "faint";
  onSelect: (id: string) => void;
  onHover: (id: string | undefined) => void;
}

// One route with its arrow head; moving dots while records flow. The lists beside the map carry the same for readers
// that can't see it, so it is hidden from them.
export const EdgePath = memo(function EdgePath({ edge, hue, emphasis, onSelect, onHover }: Props) {
  const path = roundedPath(edge.route);
  const level = rateLevel(edge.bytes_per_second);
  const color = edge.mark === "observed" && hue !== undefined ? `hue-${hue}` : "";
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a shortcut for the mouse; keys reach edges through their nodes
    <g
      className={`edge edge-${edge.mark} edge-${emphasis} edge-level-${level} ${color}`}
      aria-hidden="true"
      data-edge={edge.id}
      onClick={() => onSelect(edge.id)}
      onPointerEnter={() => onHover(edge.id)}
      onPointerLeave={() => onHover(undefined)}
    >
      <path className="edge-hit" d={path} />
      <path className="edge-line" d={path} />
      {level > 0 && <path className="edge-flow" d={path} />}
      <path className="edge-head" d={arrowHead(edge.route)} />
    </g>
  );
});
