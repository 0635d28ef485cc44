import { useEffect, useState } from "react";
import type { MapMark } from "../../api/client";
import { strings } from "../../text/strings";
import { DomainBox } from "./DomainBox";
import { EdgePath } from "./EdgePath";
import { reveal } from "./geometry";
import { MapFooter } from "./MapFooter";
import { type Focus, focusOn, type MapIndex, rateInto, rateOutOf } from "./model";
import { NodeShape } from "./NodeShape";
import { useViewport } from "./useViewport";

interface Props {
  index: MapIndex;
  selected: string | undefined;
  found: ReadonlySet<string> | undefined;
  hidden: ReadonlySet<MapMark>;
  isPanelOpen: boolean;
  onSelect: (id: string | undefined) => void;
}

export function MapCanvas({ index, selected, found, hidden, isPanelOpen, onSelect }: Props) {
  const { map } = index;
  const [hovered, setHovered] = useState<string>();
  const view = useViewport(map, isPanelOpen);
  const { viewport, free, moveTo, isWhole } = view;
  const hasRoom = free.width > 0;
  const focus = focusOn(index, selected ?? hovered);

  // What was selected elsewhere, or lies under the panel, comes into sight.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new selection moves the map, not a new viewport
  useEffect(() => {
    const box = selected === undefined ? undefined : index.nodes.get(selected)?.box;
    if (!box || isWhole || !hasRoom) return;
    moveTo(reveal(viewport, box, free));
  }, [selected, hasRoom]);

  const select = (id: string) => {
    if (!view.wasDragged()) onSelect(id === selected ? undefined : id);
  };

  return (
    <div className="map-canvas" ref={view.element} {...view.handlers}>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: Escape does the same from anywhere */}
      <svg
        className="size-full"
        role="group"
        aria-label={strings.canvas}
        onClick={(event) => event.target === event.currentTarget && !view.wasDragged() && onSelect(undefined)}
      >
        <g transform={`translate(${viewport.x} ${viewport.y}) scale(${viewport.scale})`}>
          {map.domains.map((domain) => (
            <DomainBox key={domain.id} domain={domain} hue={index.hues.get(domain.id)} />
          ))}
          {map.edges
            .filter((edge) => !hidden.has(edge.mark))
            .toSorted((left, right) => rank(focus, left.id) - rank(focus, right.id))
            .map((edge) => (
              <EdgePath
                key={edge.id}
                edge={edge}
                hue={index.hues.get(index.nodes.get(edge.from)?.domain ?? "")}
                emphasis={!focus ? "normal" : focus.edges.has(edge.id) ? "strong" : "faint"}
                onSelect={select}
                onHover={setHovered}
              />
            ))}
          {map.nodes.map((node) => (
            <NodeShape
              key={node.id}
              node={node}
              hue={index.hues.get(node.domain)}
              rateIn={rateInto(index, node.id)}
              rateOut={rateOutOf(index, node.id)}
              readers={
                (index.edgesOf.get(node.id) ?? []).filter((edge) => edge.from === node.id && edge.mark !== "unused")
                  .length
              }
              selected={selected === node.id}
              faint={(focus !== undefined && !focus.nodes.has(node.id)) || (found !== undefined && !found.has(node.id))}
              onSelect={select}
              onHover={setHovered}
            />
          ))}
        </g>
      </svg>
      <MapFooter onZoomIn={view.zoomIn} onZoomOut={view.zoomOut} onShowAll={view.showAll} />
    </div>
  );
}

// What is in focus is drawn last, on top.
const rank = (focus: Focus | undefined, id: string) => (focus?.edges.has(id) ? 1 : 0);
