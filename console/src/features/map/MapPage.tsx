import { useEffect } from "react";
import type { MapMark } from "../../api/client";
import type { LiveState } from "../../api/mapEvents";
import { strings } from "../../text/strings";
import { EmptyState, FailedState, LoadingState } from "../../ui/states";
import { DetailsPanel } from "./DetailsPanel";
import { MapCanvas } from "./MapCanvas";
import { MapTable } from "./MapTable";
import { MapToolbar, type MapView } from "./MapToolbar";
import { indexMap, matching } from "./model";
import { useLiveMap } from "./useLiveMap";

// What the address says about the page, so that a view can be shared.
export interface MapSearch {
  view?: MapView | undefined;
  select?: string | undefined;
  q?: string | undefined;
  hide?: string | undefined; // marks, separated by commas
}

interface Props {
  search: MapSearch;
  onSearch: (search: MapSearch) => void;
  onLive: (live: LiveState) => void;
}

const isMark = (text: string): text is MapMark => text === "observed" || text === "undeclared" || text === "unused";

export function MapPage({ search, onSearch, onLive }: Props) {
  const { query, live } = useLiveMap();
  useEffect(() => onLive(live), [live, onLive]);

  const select = (id: string | undefined) => onSearch({ ...search, select: id });
  const selected = search.select;
  useEffect(() => {
    const close = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || selected === undefined) return;
      onSearch({ ...search, select: undefined });
      // The focus goes back to what was open.
      document.querySelector<SVGElement>(`.node[aria-pressed="true"]`)?.focus();
    };
    document.addEventListener("keydown", close);
    return () => document.removeEventListener("keydown", close);
  }, [onSearch, search, selected]);

  if (query.isPending) return <LoadingState label={strings.loading} />;
  // A map that is on the screen stays there while the server is away.
  if (query.data === undefined) return <FailedState error={query.error} onRetry={() => void query.refetch()} />;
  if (query.data.nodes.length === 0) return <EmptyState />;

  const index = indexMap(query.data);
  const found = matching(index, search.q ?? "");
  const hidden = new Set((search.hide ?? "").split(",").filter(isMark));
  const now = Date.parse(query.data.at);
  const view = search.view ?? "map";
  const shared = { index, selected, found, hidden, onSelect: select };
  const isOpen = selected !== undefined && (index.nodes.has(selected) || index.edges.has(selected));
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <MapToolbar
        map={query.data}
        view={view}
        query={search.q ?? ""}
        hidden={hidden}
        onView={(next) => onSearch({ ...search, view: next === "map" ? undefined : next })}
        onQuery={(q) => onSearch({ ...search, q: q === "" ? undefined : q })}
        onHidden={(marks) => onSearch({ ...search, hide: marks.size === 0 ? undefined : [...marks].join(",") })}
        onFind={() => {
          const [first] = found ?? [];
          if (first !== undefined) select(first);
        }}
      />
      {found?.size === 0 && (
        <p className="notice" role="status">
          {strings.noMatch}
        </p>
      )}
      <div className="relative flex min-h-0 flex-1">
        {view === "map" ? (
          <MapCanvas {...shared} isPanelOpen={isOpen} />
        ) : (
          <MapTable {...shared} now={now} isPanelOpen={isOpen} />
        )}
        {isOpen && <DetailsPanel index={index} selected={selected} now={now} onSelect={select} />}
      </div>
    </div>
  );
}
