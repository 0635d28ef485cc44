import type { MapEdge, MapMark, MapNode } from "../../api/client";
import { strings } from "../../text/strings";
import { formatAge, formatBytes, formatCount, formatRate } from "../../ui/format";
import { MarkSign } from "../../ui/MarkSign";
import { type Column, SortableTable } from "../../ui/SortableTable";
import type { MapIndex } from "./model";

interface Props {
  index: MapIndex;
  selected: string | undefined;
  found: ReadonlySet<string> | undefined;
  hidden: ReadonlySet<MapMark>;
  now: number;
  isPanelOpen: boolean;
  onSelect: (id: string) => void;
}

const text = strings.table;

function MarkCell({ mark }: { mark: MapMark }) {
  return (
    <span className="flex items-center gap-2">
      <MarkSign mark={mark} />
      {strings.marks[mark].name}
    </span>
  );
}

function edgeColumns(index: MapIndex, now: number): Column<MapEdge>[] {
  const name = (id: string) => index.nodes.get(id)?.name ?? id;
  return [
    { title: text.from, value: (edge) => name(edge.from) },
    { title: text.how, value: (edge) => (edge.direction === "write" ? text.writes : text.reads) },
    { title: text.to, value: (edge) => name(edge.to) },
    { title: text.mark, value: (edge) => strings.marks[edge.mark].name, show: (edge) => <MarkCell mark={edge.mark} /> },
    {
      title: text.rate,
      value: (edge) => edge.bytes_per_second,
      show: (edge) => formatRate(edge.bytes_per_second),
      numeric: true,
    },
    { title: text.bytes, value: (edge) => edge.bytes, show: (edge) => formatBytes(edge.bytes), numeric: true },
    { title: text.count, value: (edge) => edge.count, show: (edge) => formatCount(edge.count), numeric: true },
    { title: text.exactness, value: (edge) => edge.class },
    { title: text.lastSeen, value: (edge) => edge.last_seen ?? "", show: (edge) => formatAge(edge.last_seen, now) },
    { title: text.library, value: (edge) => edge.libraries.join(", ") },
  ];
}

function nodeColumns(index: MapIndex, now: number): Column<MapNode>[] {
  const domain = (node: MapNode) => {
    const found = index.domains.get(node.domain);
    return found?.owned ? found.title : strings.panel.nobody;
  };
  return [
    { title: text.name, value: (node) => node.name },
    { title: text.kind, value: (node) => strings.kinds[node.kind] },
    { title: text.domain, value: domain },
    { title: text.squad, value: (node) => (node.squad === "" ? strings.panel.nobody : node.squad) },
    { title: text.mark, value: (node) => strings.marks[node.mark].name, show: (node) => <MarkCell mark={node.mark} /> },
    { title: text.bytesIn, value: (node) => node.bytes_in, show: (node) => formatBytes(node.bytes_in), numeric: true },
    {
      title: text.bytesOut,
      value: (node) => node.bytes_out,
      show: (node) => formatBytes(node.bytes_out),
      numeric: true,
    },
    { title: text.lastSeen, value: (node) => node.last_seen ?? "", show: (node) => formatAge(node.last_seen, now) },
  ];
}

// The same as the picture, as lists.
export function MapTable({ index, selected, found, hidden, now, isPanelOpen, onSelect }: Props) {
  const edges = index.map.edges.filter(
    (edge) => !hidden.has(edge.mark) && (!found || found.has(edge.from) || found.has(edge.to)),
  );
  const nodes = index.map.nodes.filter((node) => !found || found.has(node.id));
  return (
    <section
      className={`tables ${isPanelOpen ? "tables-beside-panel" : ""}`}
      aria-label={strings.views.table}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by key
      tabIndex={0}
    >
      <SortableTable
        caption={text.streams}
        columns={edgeColumns(index, now)}
        rows={edges}
        keyOf={(edge) => edge.id}
        selected={selected}
        onSelect={onSelect}
      />
      <SortableTable
        caption={text.things}
        columns={nodeColumns(index, now)}
        rows={nodes}
        keyOf={(node) => node.id}
        selected={selected}
        onSelect={onSelect}
      />
    </section>
  );
}
