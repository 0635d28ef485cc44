import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { fetchMe, RequestError, signOut } from "../api/client";
import type { LiveState } from "../api/mapEvents";
import { MapPage, type MapSearch } from "../features/map/MapPage";
import { SignIn } from "../features/session/SignIn";
import { strings } from "../text/strings";
import { FailedState, LoadingState } from "../ui/states";
import { Shell } from "./Shell";
import { useTheme } from "./useTheme";

interface Props {
  search: MapSearch;
  onSearch: (search: MapSearch) => void;
}

export function App({ search, onSearch }: Props) {
  const queries = useQueryClient();
  const [theme, toggleTheme] = useTheme();
  const [live, setLive] = useState<LiveState>("connecting");
  const me = useQuery({ queryKey: ["me"], queryFn: ({ signal }) => fetchMe(signal) });

  if (me.isPending) return <LoadingState label={strings.loading} />;
  const signedOut = me.error instanceof RequestError && me.error.status === 401;
  if (signedOut) return <SignIn onSignedIn={() => void queries.resetQueries()} />;
  if (me.data === undefined) {
    return <FailedState error={me.error} onRetry={() => void me.refetch()} />;
  }
  const leave = async () => {
    await signOut();
    await queries.resetQueries();
  };
  return (
    <Shell me={me.data} live={live} theme={theme} onTheme={toggleTheme} onSignOut={() => void leave()}>
      <MapPage search={search} onSearch={onSearch} onLive={setLive} />
    </Shell>
  );
}
