import type { MapRates } from "./client";

export type LiveState = "connecting" | "live" | "interrupted";

export interface MapEventHandlers {
  onRates: (rates: MapRates) => void;
  onState: (state: LiveState) => void;
  // The server refused the stream, and the browser does not try again by itself.
  onRefused: () => void;
}

function isRates(value: unknown): value is MapRates {
  return (
    typeof value === "object" && value !== null && "version" in value && "edges" in value && Array.isArray(value.edges)
  );
}

// Listens to the server's live rates until the returned function is called. The browser reconnects when the connection
// breaks.
export function listenToMap({ onRates, onState, onRefused }: MapEventHandlers): () => void {
  const source = new EventSource("/api/v1/map/events");
  onState("connecting");
  source.addEventListener("open", () => onState("live"));
  source.addEventListener("error", () => {
    onState("interrupted");
    if (source.readyState === EventSource.CLOSED) onRefused();
  });
  source.addEventListener("rates", (event) => {
    const rates: unknown = JSON.parse(event.data);
    if (isRates(rates)) onRates(rates);
  });
  return () => source.close();
}
