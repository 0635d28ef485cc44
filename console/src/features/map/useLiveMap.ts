import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { fetchMap, type StreamMap } from "../../api/client";
import { type LiveState, listenToMap } from "../../api/mapEvents";
import { withRates } from "./model";

const KEY = ["map"];

// The map, kept up to date: rates as they come, the graph itself again whenever its version changes.
export function useLiveMap() {
  const queries = useQueryClient();
  const [live, setLive] = useState<LiveState>("connecting");
  const query = useQuery({ queryKey: KEY, queryFn: ({ signal }) => fetchMap(signal) });
  const loaded = query.isSuccess;

  useEffect(() => {
    if (!loaded) return;
    return listenToMap({
      onState: setLive,
      onRates: (rates) => {
        const known = queries.getQueryData<StreamMap>(KEY);
        if (known?.version !== rates.version) void queries.invalidateQueries({ queryKey: KEY });
        queries.setQueryData<StreamMap>(KEY, (map) => (map ? withRates(map, rates) : map));
      },
    });
  }, [loaded, queries]);

  return { query, live };
}
