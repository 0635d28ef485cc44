// A server with the answers of Quokka Incorporated, for the browser tests: the built console under the same headers as
// Myelin's own, the map from a file that Myelin's layout wrote, and rates that move.
import { createReadStream, existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const dist = process.env.MYELIN_CONSOLE_DIST ?? join(import.meta.dirname, "../dist");
const map = JSON.parse(readFileSync(join(import.meta.dirname, "fixtures/map.json"), "utf8"));
const port = Number(process.env.PORT ?? 4173);

const HEADERS = {
  "Content-Security-Policy":
    "default-src 'self'; style-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
  "X-Content-Type-Options": "nosniff",
};
const TYPES = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

const me = {
  principal: "ada",
  role: "platform",
  squads: ["data-platform"],
  domain: "central-data",
  capabilities: ["principals.read"],
  dev_mode: false,
  attach_mode: "embedded",
  version: "0.1.0",
};

function json(response, body) {
  response.writeHead(200, { ...HEADERS, "Content-Type": "application/json" }).end(JSON.stringify(body));
}

// Each observed edge keeps its own steady rate; one second's worth is added with every event.
let second = 0;
function nextRates() {
  second += 1;
  const edges = map.edges
    .filter((edge) => edge.mark !== "unused")
    .map((edge, index) => {
      const rate = (edge.bytes / 900) * (1 + 0.15 * Math.sin(second + index));
      edge.bytes += Math.round(rate);
      edge.count += 1 + Math.round(rate / 500);
      const { id, bytes, count } = edge;
      return { id, bytes, count, bytes_per_second: Math.round(rate * 10) / 10, last_seen: at() };
    });
  return { version: map.version, at: at(), edges };
}

const at = () => new Date(Date.parse("2026-11-21T06:15:01Z") + second * 1000).toISOString();

function events(response) {
  response.writeHead(200, { ...HEADERS, "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
  const send = () => response.write(`event: rates\ndata: ${JSON.stringify(nextRates())}\n\n`);
  send();
  const timer = setInterval(send, 1000);
  response.on("close", () => clearInterval(timer));
}

function file(response, path) {
  const wanted = normalize(join(dist, path.replace(/^\/console\//, "") || "index.html"));
  const found = wanted.startsWith(dist) && existsSync(wanted) ? wanted : join(dist, "index.html");
  response.writeHead(200, { ...HEADERS, "Content-Type": TYPES[extname(found)] ?? "application/octet-stream" });
  createReadStream(found).pipe(response);
}

createServer((request, response) => {
  const path = new URL(request.url ?? "/", "http://localhost").pathname;
  if (path === "/api/v1/me") json(response, me);
  else if (path === "/api/v1/map") json(response, map);
  else if (path === "/api/v1/map/events") events(response);
  else if (path.startsWith("/console/")) file(response, path);
  else response.writeHead(404, HEADERS).end();
}).listen(port, "127.0.0.1");
