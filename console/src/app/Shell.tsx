import type { ReactNode } from "react";
import type { Me } from "../api/client";
import type { LiveState } from "../api/mapEvents";
import { strings } from "../text/strings";
import { IconButton } from "../ui/IconButton";
import type { Theme } from "./useTheme";

interface Props {
  me: Me;
  live: LiveState;
  theme: Theme;
  onTheme: () => void;
  onSignOut: () => void;
  children: ReactNode;
}

export function Shell({ me, live, theme, onTheme, onSignOut, children }: Props) {
  return (
    <div className="flex h-dvh flex-col">
      <header className="topbar">
        <img src="/console/myelin.svg" alt={strings.product} width={30} height={30} />
        <div className="min-w-0">
          <h1>{strings.map}</h1>
          <p>{strings.question}</p>
        </div>
        <span className={`live live-${live}`} role="status">
          <i aria-hidden="true" />
          {strings.live[live]}
        </span>
        <div className="ml-auto flex items-center gap-3">
          {me.dev_mode && <span className="badge badge-warning">{strings.devMode}</span>}
          <span className="badge">{strings.attach[me.attach_mode]}</span>
          <span className="asker" title={`${me.role} ${me.squads.join(", ")}`}>
            {me.principal}
          </span>
          {!me.dev_mode && (
            <button type="button" className="link text-sm" onClick={onSignOut}>
              {strings.signIn.out}
            </button>
          )}
          <IconButton label={strings.theme[theme]} icon={theme === "light" ? "moon" : "sun"} onClick={onTheme} />
        </div>
      </header>
      <main className="flex min-h-0 flex-1 flex-col">{children}</main>
    </div>
  );
}
