import "./styles.css";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { RequestError } from "./api/client";
import { router } from "./app/router";

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // A refusal stays a refusal; a server that starts or restarts is asked again.
      retry: (failures, error) => failures < 2 && !(error instanceof RequestError && error.status < 500),
      refetchOnWindowFocus: false,
    },
  },
});

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </StrictMode>,
  );
}
