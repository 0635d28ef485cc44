import { useEffect, useRef } from "react";
import type { MapEdge, MapNode } from "../../api/client";
import { strings } from "../../text/strings";
import { IconButton } from "../../ui/IconButton";
import { EdgeDetails } from "./EdgeDetails";
import type { MapIndex } from "./model";
import { NodeDetails } from "./NodeDetails";

interface Props {
  index: MapIndex;
  selected: string;
  now: number;
  onSelect: (id: string | undefined) => void;
}

function titleOf(
  index: MapIndex,
  node: MapNode | undefined,
  edge: MapEdge | undefined,
): { kind: string; name: string } {
  if (node) return { kind: strings.kinds[node.kind], name: node.name };
  const from = index.nodes.get(edge?.from ?? "")?.name ?? "";
  const to = index.nodes.get(edge?.to ?? "")?.name ?? "";
  return { kind: edge?.direction === "write" ? "Writes" : "Reads", name: `${from} → ${to}` };
}

export function DetailsPanel({ index, selected, now, onSelect }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  const node = index.nodes.get(selected);
  const edge = index.edges.get(selected);
  const { kind, name } = titleOf(index, node, edge);

  // Whoever opened the panel by key reads on from its title.
  // biome-ignore lint/correctness/useExhaustiveDependencies: each new selection moves the focus
  useEffect(() => heading.current?.focus({ preventScroll: true }), [selected]);

  if (!node && !edge) return null;
  return (
    <aside className="details" aria-label={`${kind} ${name}`}>
      <header className="flex items-start gap-3 border-line border-b px-5 py-4">
        <div className="min-w-0 flex-1">
          <p className="text-muted text-xs">{kind}</p>
          <h2 className="break-words font-semibold text-lg leading-snug outline-none" ref={heading} tabIndex={-1}>
            {name}
          </h2>
        </div>
        <IconButton label={strings.panel.close} icon="close" onClick={() => onSelect(undefined)} />
      </header>
      <div className="flex-1 overflow-y-auto px-5 py-4">
        {node && <NodeDetails index={index} node={node} now={now} onSelect={onSelect} />}
        {edge && <EdgeDetails index={index} edge={edge} now={now} onSelect={onSelect} />}
      </div>
    </aside>
  );
}
