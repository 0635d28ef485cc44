import { type KeyboardEvent, memo } from "react";
import type { MapNode } from "../../api/client";
import { strings } from "../../text/strings";
import { formatRate } from "../../ui/format";
import { NodeGlyph } from "./NodeGlyph";

interface Props {
  node: MapNode;
  hue: number | undefined;
  rateIn: number;
  rateOut: number;
  readers: number;
  selected: boolean;
  faint: boolean;
  onSelect: (id: string) => void;
  onHover: (id: string | undefined) => void;
}

// Pixels that a character of a name takes on average.
const CHARACTER = 6.9;

function shortened(text: string, width: number): string {
  const room = Math.floor(width / CHARACTER);
  return text.length > room ? `${text.slice(0, Math.max(1, room - 1))}…` : text;
}

function subtitle({ node, rateIn, rateOut, readers }: Props): string {
  if (node.mark === "unused") return "nothing moved yet";
  if (node.kind === "unknown_principal") return "nobody owns it";
  if (node.kind === "application") return node.squad === "" ? "no squad" : node.squad;
  const rate = Math.max(rateIn, rateOut);
  const read = readers === 0 ? "no readers" : readers === 1 ? "1 reader" : `${readers} readers`;
  return rate > 0 ? `${formatRate(rate)} · ${read}` : read;
}

function label(props: Props): string {
  const { node } = props;
  const mark = node.mark === "observed" ? "" : `, ${strings.marks[node.mark].name}`;
  return `${strings.kinds[node.kind]} ${node.name}, ${subtitle(props)}${mark}`;
}

export const NodeShape = memo(function NodeShape(props: Props) {
  const { node, hue, selected, faint, onSelect, onHover } = props;
  const { x, y, width, height } = node.box;
  const select = (event: KeyboardEvent) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    onSelect(node.id);
  };
  return (
    <g
      role="button"
      tabIndex={0}
      aria-label={label(props)}
      aria-pressed={selected}
      className={`node node-${node.kind} node-${node.mark} ${hue === undefined ? "" : `hue-${hue}`} ${faint ? "node-faint" : ""}`}
      transform={`translate(${x} ${y})`}
      onClick={() => onSelect(node.id)}
      onKeyDown={select}
      onPointerEnter={() => onHover(node.id)}
      onPointerLeave={() => onHover(undefined)}
    >
      <rect
        className="node-ring"
        x={-4}
        y={-4}
        width={width + 8}
        height={height + 8}
        rx={node.kind === "topic" ? 25 : 12}
      />
      <rect className="node-body" width={width} height={height} rx={node.kind === "topic" ? height / 2 : 9} />
      <g transform="translate(12 13)">
        <NodeGlyph kind={node.kind} />
      </g>
      <text className="node-name" x={36} y={18}>
        {shortened(node.name, width - 46)}
      </text>
      <text
        className={`node-detail ${props.readers === 0 && node.kind === "topic" && node.mark !== "unused" ? "node-alert" : ""}`}
        x={36}
        y={33}
      >
        {shortened(subtitle(props), (width - 46) * 1.2)}
      </text>
      {node.mark === "undeclared" && (
        <g className="node-badge" transform={`translate(${width - 6} 4)`}>
          <circle r={8} />
          <text textAnchor="middle" y={4}>
            {node.kind === "unknown_principal" ? "?" : "!"}
          </text>
        </g>
      )}
      <title>{node.name}</title>
    </g>
  );
});
