import { Toggle } from "@base-ui/react/toggle";
import { ToggleGroup } from "@base-ui/react/toggle-group";
import type { MapMark, StreamMap } from "../../api/client";
import { strings } from "../../text/strings";
import { Icon } from "../../ui/Icon";
import { MarkSign } from "../../ui/MarkSign";
import { countMarks } from "./model";

export type MapView = "map" | "table";

interface Props {
  map: StreamMap;
  view: MapView;
  query: string;
  hidden: ReadonlySet<MapMark>;
  onView: (view: MapView) => void;
  onQuery: (query: string) => void;
  onHidden: (hidden: ReadonlySet<MapMark>) => void;
  onFind: () => void;
}

const MARKS: readonly MapMark[] = ["observed", "undeclared", "unused"];

export function MapToolbar({ map, view, query, hidden, onView, onQuery, onHidden, onFind }: Props) {
  const counts = countMarks(map);
  const { nodes_shown: shown, nodes_total: total } = map.filtered;
  return (
    <div className="toolbar">
      <ToggleGroup
        className="segmented"
        aria-label="View"
        value={[view]}
        onValueChange={([next]) => (next === "map" || next === "table") && onView(next)}
      >
        <Toggle value="map">{strings.views.map}</Toggle>
        <Toggle value="table">{strings.views.table}</Toggle>
      </ToggleGroup>
      <form
        className="search"
        onSubmit={(event) => {
          event.preventDefault();
          onFind();
        }}
      >
        <Icon name="search" />
        <input
          type="search"
          aria-label={strings.find}
          placeholder={strings.find}
          value={query}
          onChange={(event) => onQuery(event.target.value)}
        />
      </form>
      <ToggleGroup
        multiple
        className="marks"
        aria-label="Marks shown"
        value={MARKS.filter((mark) => !hidden.has(mark))}
        onValueChange={(shownMarks) => onHidden(new Set(MARKS.filter((mark) => !shownMarks.includes(mark))))}
      >
        {MARKS.map((mark) => (
          <Toggle key={mark} value={mark} className="mark-chip" title={strings.marks[mark].meaning}>
            <MarkSign mark={mark} />
            {strings.marks[mark].name}
            <span className="mark-count">{counts[mark]}</span>
          </Toggle>
        ))}
      </ToggleGroup>
      {total > shown && (
        <p className="filtered" title={strings.filteredWhy}>
          {strings.filtered(shown, total)}
        </p>
      )}
    </div>
  );
}
