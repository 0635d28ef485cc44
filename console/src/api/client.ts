import createClient from "openapi-fetch";
import type { components, paths } from "./generated/schema";

export type Me = components["schemas"]["Me"];
export type Problem = components["schemas"]["Problem"];
export type StreamMap = components["schemas"]["Map"];
export type MapDomain = components["schemas"]["MapDomain"];
export type MapNode = components["schemas"]["MapNode"];
export type MapEdge = components["schemas"]["MapEdge"];
export type MapMark = components["schemas"]["MapMark"];
export type MapRates = components["schemas"]["MapRates"];

// A refused or failed request, with what the server said about it.
export class RequestError extends Error {
  constructor(
    readonly status: number,
    readonly problem: Problem | undefined,
  ) {
    super(problem?.detail ?? `The server answered ${status}.`);
  }
}

const client = createClient<paths>({ baseUrl: globalThis.location.origin });

function isProblem(value: unknown): value is Problem {
  return typeof value === "object" && value !== null && "detail" in value && "title" in value;
}

async function answered<Data>(call: Promise<{ data?: Data; error?: unknown; response: Response }>): Promise<Data> {
  const { data, error, response } = await call;
  if (data === undefined || !response.ok) {
    throw new RequestError(response.status, isProblem(error) ? error : undefined);
  }
  return data;
}

export const fetchMe = (signal: AbortSignal) => answered(client.GET("/api/v1/me", { signal }));
export const fetchMap = (signal: AbortSignal) => answered(client.GET("/api/v1/map", { signal }));
export const signIn = (principal: string, password: string) =>
  answered(client.POST("/api/v1/session", { body: { principal, password } }));
export async function signOut(): Promise<void> {
  await client.DELETE("/api/v1/session");
}
