// The console as the binary serves it, with records that kcat writes and reads. Needs MYELIN_URL and MYELIN_KAFKA.
import { execFileSync } from "node:child_process";
import { expect, expectAccessible, node, test } from "./page";

const kafka = process.env.MYELIN_KAFKA ?? "";
test.skip(process.env.MYELIN_URL === undefined, "needs a running server");

const write = (topic: string, count: number) =>
  execFileSync("kcat", ["-P", "-b", kafka, "-t", topic], { input: "a record of some bytes\n".repeat(count) });
const read = (topic: string) => execFileSync("kcat", ["-C", "-e", "-q", "-b", kafka, "-t", topic]);

test.beforeAll(() => {
  write("stores.sale", 100);
  write("tmp.export", 20);
  read("stores.sale");
});

test("people are led to the console, under a strict policy", async ({ watched: page }) => {
  const answer = await page.goto("/");
  expect(page.url()).toContain("/console/");
  expect(answer?.headers()["content-security-policy"]).toContain("default-src 'self'; style-src 'self'");
  await expect(page.getByRole("heading", { name: "Map" })).toBeVisible();
});

test("what nobody declared stands out beside what was declared", async ({ watched: page }) => {
  await page.goto("/console/");
  await expect(node(page, /^Principal nobody owns/)).toBeVisible();
  await expect(node(page, /^Topic tmp\.export.*Undeclared/)).toBeVisible();
  await expect(page.getByText("Stores", { exact: true })).toBeVisible();
  await expect(page.locator(".edge-unused").first()).toBeAttached();
});

test("records that arrive now move the figures now", async ({ watched: page }) => {
  await page.goto("/console/?select=topic:stores.sale");
  await expect(page.getByText("Live", { exact: true })).toBeVisible();
  const total = page.locator(".figure", { hasText: "written in all" }).locator(".figure-value");
  const before = await total.textContent();
  write("stores.sale", 5_000);
  await expect(total).not.toHaveText(before ?? "", { timeout: 10_000 });
});

test("a topic that appears is drawn without a reload", async ({ watched: page }) => {
  await page.goto("/console/");
  await expect(page.getByText("Live", { exact: true })).toBeVisible();
  write("tmp.another", 5);
  await expect(node(page, /^Topic tmp\.another/)).toBeVisible({ timeout: 10_000 });
});

test("the licences of what the page contains are one click away", async ({ watched: page }) => {
  await page.goto("/console/");
  await page.getByRole("link", { name: "Licences" }).click();
  await expect(page.getByText("react 19.3.1, MIT")).toBeVisible();
});

test("nothing stands in the way of assistive technology", async ({ watched: page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await page.goto("/console/?select=topic:stores.sale");
  await expect(page.getByRole("complementary")).toBeVisible();
  await expectAccessible(page);
});
