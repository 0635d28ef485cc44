// What the map's parts need to know about each other. Pure.
import type { MapDomain, MapEdge, MapMark, MapNode, MapRates, StreamMap } from "../../api/client";

export interface MapIndex {
  map: StreamMap;
  domains: ReadonlyMap<string, MapDomain>;
  nodes: ReadonlyMap<string, MapNode>;
  edges: ReadonlyMap<string, MapEdge>;
  edgesOf: ReadonlyMap<string, readonly MapEdge[]>; // by node
  hues: ReadonlyMap<string, number>; // of owned domains, by id
}

export const HUES = 10;

export function indexMap(map: StreamMap): MapIndex {
  const edgesOf = new Map<string, MapEdge[]>();
  const note = (id: string, edge: MapEdge) => edgesOf.set(id, [...(edgesOf.get(id) ?? []), edge]);
  for (const edge of map.edges) {
    note(edge.from, edge);
    note(edge.to, edge);
  }
  const owned = map.domains.filter((domain) => domain.owned);
  return {
    map,
    domains: new Map(map.domains.map((domain) => [domain.id, domain])),
    nodes: new Map(map.nodes.map((node) => [node.id, node])),
    edges: new Map(map.edges.map((edge) => [edge.id, edge])),
    edgesOf,
    hues: new Map(owned.map((domain, index) => [domain.id, index % HUES])),
  };
}

export interface Focus {
  nodes: ReadonlySet<string>;
  edges: ReadonlySet<string>;
}

// What belongs to the selected node or edge: its edges and whatever stands at their other ends.
export function focusOn(index: MapIndex, id: string | undefined): Focus | undefined {
  if (id === undefined) return undefined;
  const edge = index.edges.get(id);
  if (edge) return { nodes: new Set([edge.from, edge.to]), edges: new Set([edge.id]) };
  if (!index.nodes.has(id)) return undefined;
  const edges = index.edgesOf.get(id) ?? [];
  return {
    nodes: new Set([id, ...edges.flatMap((each) => [each.from, each.to])]),
    edges: new Set(edges.map((each) => each.id)),
  };
}

export function matching(index: MapIndex, text: string): ReadonlySet<string> | undefined {
  const wanted = text.trim().toLowerCase();
  if (wanted === "") return undefined;
  const found = index.map.nodes.filter((node) =>
    [node.name, node.squad, node.product, ...node.principals].some((name) => name.toLowerCase().includes(wanted)),
  );
  return new Set(found.map((node) => node.id));
}

export function countMarks(map: StreamMap): Record<MapMark, number> {
  const counts: Record<MapMark, number> = { observed: 0, undeclared: 0, unused: 0 };
  for (const edge of map.edges) counts[edge.mark] += 1;
  return counts;
}

export const rateInto = (index: MapIndex, id: string) => sumRates(index, id, "to");
export const rateOutOf = (index: MapIndex, id: string) => sumRates(index, id, "from");

function sumRates(index: MapIndex, id: string, end: "from" | "to"): number {
  const edges = index.edgesOf.get(id) ?? [];
  return edges.reduce((sum, edge) => (edge[end] === id ? sum + edge.bytes_per_second : sum), 0);
}

// The map with the newest figures of the edges that changed, and of the nodes at their ends.
export function withRates(map: StreamMap, rates: MapRates): StreamMap {
  const changed = new Map(rates.edges.map((edge) => [edge.id, edge]));
  const moved = new Map<string, { in: number; out: number; last: string | null }>();
  const note = (id: string, end: "in" | "out", bytes: number, last: string | null) => {
    const known = moved.get(id) ?? { in: 0, out: 0, last: null };
    moved.set(id, { ...known, [end]: known[end] + bytes, last: later(known.last, last) });
  };
  const edges = map.edges.map((edge) => {
    const now = changed.get(edge.id);
    if (!now) return edge;
    const { bytes_per_second, bytes, count, last_seen } = now;
    note(edge.from, "out", bytes - edge.bytes, last_seen);
    note(edge.to, "in", bytes - edge.bytes, last_seen);
    return { ...edge, bytes_per_second, bytes, count, last_seen, first_seen: edge.first_seen ?? last_seen };
  });
  const nodes = map.nodes.map((node) => {
    const now = moved.get(node.id);
    if (!now) return node;
    return {
      ...node,
      bytes_in: node.bytes_in + now.in,
      bytes_out: node.bytes_out + now.out,
      last_seen: later(node.last_seen, now.last),
    };
  });
  return { ...map, at: rates.at, edges, nodes };
}

// Of two times as the server writes them, which sort as text.
function later(left: string | null, right: string | null): string | null {
  if (left === null || right === null) return left ?? right;
  return left < right ? right : left;
}

// 0: quiet; 1 to 4: slow to fast, a decade each, so that one glance tells orders of magnitude apart.
export function rateLevel(bytesPerSecond: number): 0 | 1 | 2 | 3 | 4 {
  if (bytesPerSecond <= 0) return 0;
  if (bytesPerSecond < 1_000) return 1;
  if (bytesPerSecond < 10_000) return 2;
  if (bytesPerSecond < 100_000) return 3;
  return 4;
}
