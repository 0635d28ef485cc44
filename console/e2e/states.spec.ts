// What the console shows when it has nothing to show. The answers are made up, so these run on the mock only.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, expectAccessible, test } from "./page";

test.skip(process.env.MYELIN_URL !== undefined, "answers are made up");

const problem = (status: number, detail: string, next: string) => ({
  status,
  contentType: "application/problem+json",
  body: JSON.stringify({ type: "/problems/x", title: "A problem", status, detail, instance: "/", next }),
});

test("no traffic yet: how to begin", async ({ watched: page }) => {
  await page.route("**/api/v1/map", async (route) => {
    const map = await (await route.fetch()).json();
    await route.fulfill({ json: { ...map, domains: [], nodes: [], edges: [] } });
  });
  await page.goto("/console/");
  await expect(page.getByRole("heading", { name: "No stream has been seen yet" })).toBeVisible();
  await expect(page.getByText("kcat -P")).toBeVisible();
  await expectAccessible(page);
});

test("a failing server: what is wrong, what to do, and another try", async ({ watched: page }) => {
  let failing = true;
  await page.route("**/api/v1/map", (route) =>
    failing ? route.fulfill(problem(503, "the log is being recovered", "myelin doctor")) : route.continue(),
  );
  await page.goto("/console/");
  await expect(page.getByText("the log is being recovered")).toBeVisible({ timeout: 15_000 });
  await expect(page.getByText("myelin doctor")).toBeVisible();
  await expectAccessible(page);
  failing = false;
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByText("Inventory", { exact: true })).toBeVisible();
});

test("denied: said plainly, without another try", async ({ watched: page }) => {
  await page.route("**/api/v1/map", (route) =>
    route.fulfill(problem(403, "only squads see the map", "ask the platform squad")),
  );
  await page.goto("/console/");
  await expect(page.getByRole("heading", { name: "You may not see this" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Try again" })).toBeHidden();
});

test("nobody signed in: a form, an error when it is wrong, the map when it is right", async ({ watched: page }) => {
  let signedIn = false;
  await page.route("**/api/v1/me", (route) =>
    signedIn ? route.continue() : route.fulfill(problem(401, "no credentials", "sign in")),
  );
  await page.route("**/api/v1/session", async (route) => {
    const { password } = route.request().postDataJSON();
    signedIn = password === "right";
    const me = { principal: "ada", role: "platform", squads: [], domain: "", capabilities: [], dev_mode: false };
    if (signedIn) await route.fulfill({ json: { ...me, attach_mode: "embedded", version: "1" } });
    else await route.fulfill(problem(401, "the name or the password is wrong", "try again"));
  });
  await page.goto("/console/");
  await expect(page.getByLabel("Principal")).toBeVisible();
  await expectAccessible(page);
  await page.getByLabel("Principal").fill("ada");
  await page.getByLabel("Password").fill("wrong");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert")).toHaveText("the name or the password is wrong");
  await page.getByLabel("Password").fill("right");
  await page.keyboard.press("Enter");
  await expect(page.getByText("Inventory", { exact: true })).toBeVisible();
});

test("a session that ended with the server's restart leads to the form", async ({ watched: page }) => {
  let restarted = false;
  await page.route("**/api/v1/me", (route) =>
    restarted ? route.fulfill(problem(401, "no credentials", "sign in")) : route.continue(),
  );
  await page.route("**/api/v1/map/events", (route) => {
    restarted = true;
    return route.fulfill(problem(401, "no credentials", "sign in"));
  });
  await page.goto("/console/");
  await expect(page.getByLabel("Password")).toBeVisible();
});

test("a filtered map says so", async ({ watched: page }) => {
  await page.route("**/api/v1/map", async (route) => {
    const map = await (await route.fetch()).json();
    await route.fulfill({ json: { ...map, filtered: { ...map.filtered, nodes_total: 214 } } });
  });
  await page.goto("/console/");
  await expect(page.getByText("Filtered: 46 of 214")).toBeVisible();
});

test("the page asks nobody but its own server", async ({ watched: page, baseURL }) => {
  const strangers: string[] = [];
  page.on("request", (request) => {
    if (!request.url().startsWith(baseURL ?? "")) strangers.push(request.url());
  });
  await page.goto("/console/");
  await expect(page.getByText("Inventory", { exact: true })).toBeVisible();
  expect(strangers).toEqual([]);
});

test("the first page stays within its budget of 130 kB of script", () => {
  const built = process.env.MYELIN_CONSOLE_DIST ?? join(import.meta.dirname, "../dist");
  const assets = join(built, "assets");
  const sizes = readdirSync(assets)
    .filter((name) => name.endsWith(".js"))
    .map((name) => gzipSync(readFileSync(join(assets, name)), { level: 9 }).length);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(130_000);
});
