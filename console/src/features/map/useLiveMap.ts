import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { fetchMap, type StreamMap } from "../../api/client";
import { type LiveState, listenToMap } from "../../api/mapEvents";
import { withRates } from "./model";

const KEY = ["map"];
const RETRY_MS = 3_000;

// The map, kept up to date: rates as they come, the graph itself again whenever its version changes.
export function useLiveMap() {
  const queries = useQueryClient();
  const [live, setLive] = useState<LiveState>("connecting");
  const query = useQuery({ queryKey: KEY, queryFn: ({ signal }) => fetchMap(signal) });
  const loaded = query.data !== undefined;
  const [attempt, setAttempt] = useState(0);

  useEffect(() => {
    if (!loaded) return;
    let retry: ReturnType<typeof setTimeout> | undefined;
    const stop = listenToMap({
      onState: setLive,
      onRates: (rates) => {
        const known = queries.getQueryData<StreamMap>(KEY);
        if (known?.version !== rates.version) void queries.invalidateQueries({ queryKey: KEY });
        queries.setQueryData<StreamMap>(KEY, (map) => (map ? withRates(map, rates) : map));
      },
      // The session may have ended with the server's restart; whoever shows the page asks for it again.
      onRefused: () => {
        void queries.invalidateQueries({ queryKey: ["me"] });
        retry = setTimeout(() => setAttempt(attempt + 1), RETRY_MS);
      },
    });
    return () => {
      stop();
      clearTimeout(retry);
    };
  }, [attempt, loaded, queries]);

  return { query, live };
}
