import type { MapDomain } from "../../api/client";

interface Props {
  domain: MapDomain;
  hue: number | undefined;
}

const plural = (count: number, one: string, many: string) => `${count} ${count === 1 ? one : many}`;

export function DomainBox({ domain, hue }: Props) {
  const { x, y, width, height } = domain.box;
  const content = `${domain.owned ? plural(domain.applications, "application", "applications") : plural(domain.applications, "principal", "principals")}, ${plural(domain.topics, "topic", "topics")}`;
  return (
    <g className={`domain ${domain.owned ? `hue-${hue ?? 0}` : "domain-unowned"}`} transform={`translate(${x} ${y})`}>
      <rect className="domain-body" width={width} height={height} rx={16} />
      <rect className="domain-dot" x={16} y={16} width={10} height={10} rx={domain.owned ? 5 : 0} />
      <text className="domain-title" x={34} y={26}>
        {domain.owned ? domain.title : "Nobody's: not in the model"}
      </text>
      {width > 330 && (
        <text className="domain-detail" x={width - 16} y={26} textAnchor="end">
          {content}
        </text>
      )}
    </g>
  );
}
