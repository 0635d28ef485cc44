import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  base: "/console/",
  plugins: [react(), tailwindcss()],
  // Nothing is inlined into the page or the style sheet: the content security policy allows files of this server only.
  build: { assetsInlineLimit: 0, modulePreload: { polyfill: false }, target: "es2022" },
  test: { environment: "jsdom", include: ["src/**/*.test.{ts,tsx}"], setupFiles: ["src/test/setup.ts"] },
});
