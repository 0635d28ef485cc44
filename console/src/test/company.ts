// A company of two domains for the tests, written by hand.
import type { MapEdge, MapNode, StreamMap } from "../api/client";

const box = { x: 0, y: 0, width: 100, height: 40 };

function node(id: string, more: Partial<MapNode>): MapNode {
  return {
    id,
    kind: "application",
    name: id.slice(id.indexOf(":") + 1),
    domain: "domain:stores",
    squad: "tills",
    product: "",
    principals: [],
    mark: "observed",
    why: "Declared, and seen on the wire.",
    declared_at: "org/stores.yaml:3",
    bytes_in: 0,
    bytes_out: 0,
    first_seen: "2026-11-21T04:00:00Z",
    last_seen: "2026-11-21T04:00:00Z",
    box,
    ...more,
  };
}

function edge(id: string, from: string, to: string, more: Partial<MapEdge>): MapEdge {
  return {
    id,
    direction: "write",
    from,
    to,
    mark: "observed",
    why: "Seen on the wire; covered by ownership.",
    declared_at: "",
    class: "exact",
    count: 10,
    bytes: 1000,
    bytes_per_second: 0,
    first_seen: "2026-11-21T04:00:00Z",
    last_seen: "2026-11-21T04:00:00Z",
    libraries: [],
    groups: [],
    principals: [],
    route: [
      { x: 0, y: 0 },
      { x: 50, y: 0 },
    ],
    ...more,
  };
}

export function company(): StreamMap {
  const domain = { applications: 1, topics: 1, bytes: 0, box };
  return {
    version: 1,
    at: "2026-11-21T04:00:10Z",
    attach_mode: "embedded",
    width: 800,
    height: 400,
    domains: [
      { id: "domain:", title: "Nobody's", owned: false, ...domain },
      { id: "domain:fraud", title: "Fraud", owned: true, ...domain },
      { id: "domain:stores", title: "Stores", owned: true, ...domain },
    ],
    nodes: [
      node("application:till", {}),
      node("application:scoring", { domain: "domain:fraud", squad: "fraud" }),
      node("topic:stores.sales", { kind: "topic", product: "sales" }),
      node("principal:ghost", { kind: "unknown_principal", domain: "domain:", squad: "", mark: "undeclared" }),
    ],
    edges: [
      edge("write:till>stores.sales", "application:till", "topic:stores.sales", {}),
      edge("read:stores.sales>scoring", "topic:stores.sales", "application:scoring", {
        direction: "read",
        mark: "unused",
        class: "journalled",
        bytes: 0,
        count: 0,
        first_seen: null,
        last_seen: null,
      }),
      edge("read:stores.sales>ghost?", "topic:stores.sales", "principal:ghost", {
        direction: "read",
        mark: "undeclared",
        class: "journalled",
        bytes: 400,
      }),
    ],
    filtered: { nodes_shown: 4, nodes_total: 4, edges_shown: 3, edges_total: 3 },
  };
}
