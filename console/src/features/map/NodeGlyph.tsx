import type { MapNode } from "../../api/client";

// A window for an application, a log for a topic, a key for a principal that nobody owns. 16 by 16.
export function NodeGlyph({ kind }: { kind: MapNode["kind"] }) {
  if (kind === "topic") {
    return (
      <g className="node-glyph">
        <rect x={2} width={4} height={16} rx={1.5} />
        <rect x={8} width={4} height={16} rx={1.5} />
        <rect x={14} width={4} height={16} rx={1.5} />
      </g>
    );
  }
  if (kind === "application") {
    return (
      <g className="node-glyph">
        <rect width={16} height={16} rx={4} />
        <path className="node-glyph-cut" d="M4 5.5h8M4 10.5h5" />
      </g>
    );
  }
  return (
    <g className="node-glyph">
      <circle cx={5} cy={8} r={4.5} />
      <path className="node-glyph-stem" d="M9 8h7M13 8v3.5" />
    </g>
  );
}
