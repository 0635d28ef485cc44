import { strings } from "../../text/strings";
import { IconButton } from "../../ui/IconButton";
import { NodeGlyph } from "./NodeGlyph";

interface Props {
  onZoomIn: () => void;
  onZoomOut: () => void;
  onShowAll: () => void;
}

// Zoom, and what the shapes mean. The marks explain themselves in the toolbar.
export function MapFooter({ onZoomIn, onZoomOut, onShowAll }: Props) {
  return (
    <div className="map-footer">
      <div className="zoom">
        <IconButton label={strings.zoom.out} onClick={onZoomOut} icon="minus" />
        <IconButton label={strings.zoom.in} onClick={onZoomIn} icon="plus" />
        <IconButton label={strings.zoom.fit} onClick={onShowAll} icon="fit" />
      </div>
      <ul className="legend" aria-label={strings.legend.title}>
        {(["application", "topic", "unknown_principal"] as const).map((kind) => (
          <li key={kind} className={kind === "unknown_principal" ? "node-undeclared" : ""}>
            <svg viewBox="0 0 18 16" aria-hidden="true">
              <NodeGlyph kind={kind} />
            </svg>
            {strings.kinds[kind]}
          </li>
        ))}
        <li>
          <svg className="legend-bead" viewBox="0 0 18 16" aria-hidden="true">
            <path d="M0 8h18" />
            <circle cx={9} cy={8} r={3.4} />
          </svg>
          {strings.legend.alive}
        </li>
        <li>
          <a className="link" href="/console/third-party.txt">
            {strings.licences}
          </a>
        </li>
      </ul>
    </div>
  );
}
