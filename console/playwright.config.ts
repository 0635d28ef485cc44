import { defineConfig } from "@playwright/test";

// MYELIN_URL runs the same tests against a server that is up, with the demo's traffic; otherwise the mock is started.
const server = process.env.MYELIN_URL;
const port = Number(process.env.MYELIN_CONSOLE_PORT ?? 4173);

export default defineConfig({
  testDir: "e2e",
  timeout: 90_000,
  workers: 1,
  reporter: "list",
  use: {
    baseURL: server ?? `http://127.0.0.1:${port}`,
    viewport: { width: 1680, height: 1000 },
    launchOptions: {
      executablePath: process.env.MYELIN_CHROMIUM ?? "/usr/bin/chromium",
      args: ["--no-sandbox"],
    },
  },
  ...(server
    ? {}
    : {
        webServer: {
          command: "node e2e/mock.mjs",
          env: { PORT: String(port) },
          url: `http://127.0.0.1:${port}/console/`,
          reuseExistingServer: false,
        },
      }),
});
