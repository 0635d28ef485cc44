import type { MapRates } from "./client";

export type LiveState = "connecting" | "live" | "interrupted";

export interface MapEventHandlers {
  onRates: (rates: MapRates) => void;
  onState: (state: LiveState) => void;
}

function isRates(value: unknown): value is MapRates {
  return (
    typeof value === "object" && value !== null && "version" in value && "edges" in value && Array.isArray(value.edges)
  );
}

// Listens to the server's live rates until the returned function is called. The browser reconnects by itself.
export function listenToMap({ onRates, onState }: MapEventHandlers): () => void {
  const source = new EventSource("/api/v1/map/events");
  onState("connecting");
  source.addEventListener("open", () => onState("live"));
  source.addEventListener("error", () => onState("interrupted"));
  source.addEventListener("rates", (event) => {
    const rates: unknown = JSON.parse(event.data);
    if (isRates(rates)) onRates(rates);
  });
  return () => source.close();
}
