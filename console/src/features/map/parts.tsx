// Small pieces that the details of nodes and of edges share.
import type { ReactNode } from "react";
import type { MapMark } from "../../api/client";
import { strings } from "../../text/strings";
import { MarkSign } from "../../ui/MarkSign";

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

export function MarkBanner({ mark, why }: { mark: MapMark; why: string }) {
  return (
    <div className={`mark-banner mark-banner-${mark}`}>
      <p className="flex items-center gap-2 font-semibold">
        <MarkSign mark={mark} />
        {strings.marks[mark].name}
      </p>
      <p className="mt-1">
        <span className="sr-only">{strings.panel.why} </span>
        {why}
      </p>
    </div>
  );
}

export function Figure({ value, name }: { value: string; name: string }) {
  return (
    <div className="figure">
      <p className="figure-value">{value}</p>
      <p className="figure-name">{name}</p>
    </div>
  );
}
