import type { MapEdge, MapNode } from "../../api/client";
import { strings } from "../../text/strings";
import { formatAge, formatBytes, formatRate, formatTime } from "../../ui/format";
import { MarkSign } from "../../ui/MarkSign";
import { type MapIndex, rateInto, rateOutOf } from "./model";
import { Fact, Figure, MarkBanner } from "./parts";

interface Props {
  index: MapIndex;
  node: MapNode;
  now: number;
  onSelect: (id: string) => void;
}

export function NodeDetails({ index, node, now, onSelect }: Props) {
  const text = strings.panel;
  const topic = node.kind === "topic";
  const edges = index.edgesOf.get(node.id) ?? [];
  const into = edges.filter((edge) => edge.to === node.id);
  const out = edges.filter((edge) => edge.from === node.id);
  return (
    <>
      <MarkBanner mark={node.mark} why={node.why} />
      <div className="mt-4 grid grid-cols-2 gap-2">
        <Figure value={formatRate(rateInto(index, node.id))} name={topic ? "in, now" : "read, now"} />
        <Figure value={formatRate(rateOutOf(index, node.id))} name={topic ? "out, now" : "written, now"} />
        <Figure value={formatBytes(node.bytes_in)} name={topic ? "written in all" : "read in all"} />
        <Figure value={formatBytes(node.bytes_out)} name={topic ? "read in all" : "written in all"} />
      </div>
      <dl className="mt-4">
        <Fact name={text.squad}>{node.squad === "" ? text.nobody : node.squad}</Fact>
        <Fact name={text.domain}>
          {index.domains.get(node.domain)?.owned ? index.domains.get(node.domain)?.title : text.nobody}
        </Fact>
        {node.product !== "" && <Fact name={text.product}>{node.product}</Fact>}
        {node.principals.length > 0 && <Fact name={text.principals}>{node.principals.join(", ")}</Fact>}
        {node.declared_at !== "" && (
          <Fact name={text.declaredAt}>
            <code>{node.declared_at}</code>
          </Fact>
        )}
        <Fact name={text.firstSeen}>{formatTime(node.first_seen)}</Fact>
        <Fact name={text.lastSeen}>{formatAge(node.last_seen, now)}</Fact>
      </dl>
      <EdgeList
        title={topic ? text.writers : text.readsFrom}
        edges={into}
        end="from"
        index={index}
        onSelect={onSelect}
      />
      <EdgeList title={topic ? text.readers : text.writesTo} edges={out} end="to" index={index} onSelect={onSelect} />
    </>
  );
}

interface EdgeListProps {
  title: string;
  edges: readonly MapEdge[];
  end: "from" | "to";
  index: MapIndex;
  onSelect: (id: string) => void;
}

function EdgeList({ title, edges, end, index, onSelect }: EdgeListProps) {
  return (
    <section className="mt-5">
      <h3 className="font-semibold text-sm">{title}</h3>
      {edges.length === 0 && <p className="mt-1 text-muted text-sm">{strings.panel.nothing}</p>}
      <ul className="mt-1">
        {edges.map((edge) => (
          <li key={edge.id}>
            <button type="button" className="edge-row" onClick={() => onSelect(edge.id)}>
              <MarkSign mark={edge.mark} />
              <span className="min-w-0 flex-1 truncate text-left">{index.nodes.get(edge[end])?.name}</span>
              <span className="sr-only">{strings.marks[edge.mark].name}</span>
              <span className="tabular-nums text-muted">
                {edge.mark === "unused" ? strings.marks.unused.name.toLowerCase() : formatRate(edge.bytes_per_second)}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
