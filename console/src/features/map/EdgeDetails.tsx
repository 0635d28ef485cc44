import type { MapEdge } from "../../api/client";
import { strings } from "../../text/strings";
import { formatAge, formatBytes, formatCount, formatRate, formatTime } from "../../ui/format";
import type { MapIndex } from "./model";
import { Fact, Figure, MarkBanner } from "./parts";

interface Props {
  index: MapIndex;
  edge: MapEdge;
  now: number;
  onSelect: (id: string) => void;
}

export function EdgeDetails({ index, edge, now, onSelect }: Props) {
  const text = strings.panel;
  const written = edge.direction === "write";
  return (
    <>
      <MarkBanner mark={edge.mark} why={edge.why} />
      <div className="mt-4 grid grid-cols-2 gap-2">
        <Figure value={formatRate(edge.bytes_per_second)} name="now" />
        <Figure value={formatBytes(edge.bytes)} name={written ? "written in all" : "read in all"} />
      </div>
      <dl className="mt-4">
        <Fact name={written ? text.records : text.offsets}>
          {formatCount(edge.count)} <span className="text-muted">({text.classOf[edge.class]})</span>
        </Fact>
        {edge.declared_at !== "" && (
          <Fact name={text.declaredAt}>
            <code>{edge.declared_at}</code>
          </Fact>
        )}
        <Fact name={text.firstSeen}>{formatTime(edge.first_seen)}</Fact>
        <Fact name={text.lastSeen}>{formatAge(edge.last_seen, now)}</Fact>
        {edge.principals.length > 0 && <Fact name={text.principals}>{edge.principals.join(", ")}</Fact>}
        {!written && edge.last_seen !== null && (
          <Fact name={text.groups}>{edge.groups.length > 0 ? edge.groups.join(", ") : text.noGroup}</Fact>
        )}
        {edge.libraries.length > 0 && <Fact name={text.libraries}>{edge.libraries.join(", ")}</Fact>}
      </dl>
      <div className="mt-5 flex flex-col gap-1">
        {[edge.from, edge.to].map((id) => (
          <button key={id} type="button" className="edge-row" onClick={() => onSelect(id)}>
            <span className="text-muted">{strings.kinds[index.nodes.get(id)?.kind ?? "topic"]}</span>
            <span className="min-w-0 flex-1 truncate text-right">{index.nodes.get(id)?.name}</span>
          </button>
        ))}
      </div>
    </>
  );
}
