import { createRootRoute, createRoute, createRouter } from "@tanstack/react-router";
import type { MapSearch } from "../features/map/MapPage";
import { App } from "./App";

const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);

const root = createRootRoute();

const mapRoute = createRoute({
  getParentRoute: () => root,
  path: "/",
  validateSearch: (search: Record<string, unknown>): MapSearch => ({
    view: search.view === "table" ? "table" : undefined,
    select: text(search.select),
    q: text(search.q),
    hide: text(search.hide),
  }),
  component: function MapRoute() {
    const search = mapRoute.useSearch();
    const navigate = mapRoute.useNavigate();
    return <App search={search} onSearch={(next) => void navigate({ search: next, replace: true })} />;
  },
});

export const router = createRouter({
  routeTree: root.addChildren([mapRoute]),
  basepath: "/console",
  defaultNotFoundComponent: () => <p className="state">There is no such page.</p>,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
