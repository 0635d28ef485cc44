import { expect, test } from "vitest";
import { company } from "../../test/company";
import { countMarks, focusOn, indexMap, matching, rateLevel, withRates } from "./model";

test("the focus on a topic holds its edges and who stands at their other ends", () => {
  const focus = focusOn(indexMap(company()), "topic:stores.sales");
  expect(focus?.edges.size).toBe(3);
  expect(focus?.nodes).toEqual(
    new Set(["topic:stores.sales", "application:till", "application:scoring", "principal:ghost"]),
  );
});

test("the focus on an edge holds its two ends", () => {
  const focus = focusOn(indexMap(company()), "write:till>stores.sales");
  expect(focus?.nodes).toEqual(new Set(["application:till", "topic:stores.sales"]));
});

test("what is not on the map has no focus", () => {
  expect(focusOn(indexMap(company()), "topic:gone")).toBeUndefined();
});

test("a search finds names, squads and products, whatever their case", () => {
  const index = indexMap(company());
  expect(matching(index, "GHOST")).toEqual(new Set(["principal:ghost"]));
  expect(matching(index, "fraud")).toEqual(new Set(["application:scoring"]));
  expect(matching(index, "  ")).toBeUndefined();
  expect(matching(index, "nothing")).toEqual(new Set());
});

test("marks are counted by edge", () => {
  expect(countMarks(company())).toEqual({ observed: 1, undeclared: 1, unused: 1 });
});

test("new rates change the edge and the totals of the nodes at its ends", () => {
  const rates = {
    version: 1,
    at: "2026-11-21T04:00:11Z",
    edges: [
      {
        id: "write:till>stores.sales",
        bytes_per_second: 250,
        bytes: 1250,
        count: 12,
        last_seen: "2026-11-21T04:00:11Z",
      },
    ],
  };
  const map = withRates(company(), rates);
  const index = indexMap(map);
  expect(index.edges.get("write:till>stores.sales")).toMatchObject({ bytes: 1250, bytes_per_second: 250 });
  expect(index.nodes.get("application:till")?.bytes_out).toBe(250);
  expect(index.nodes.get("topic:stores.sales")).toMatchObject({ bytes_in: 250, last_seen: "2026-11-21T04:00:11Z" });
  expect(index.edges.get("read:stores.sales>ghost?")?.bytes).toBe(400);
});

test("only owned domains have a hue", () => {
  expect([...indexMap(company()).hues.keys()]).toEqual(["domain:fraud", "domain:stores"]);
});

test("rate levels are decades", () => {
  expect([0, 1, 999, 1_000, 10_000, 100_000].map(rateLevel)).toEqual([0, 1, 1, 2, 3, 4]);
});
