// The Map as a person uses it, on the production bundle.
import { expect, expectAccessible, node, test } from "./page";

test("shows domains, what flows, and each mark", async ({ watched: page }) => {
  await page.goto("/console/");
  await expect(page.getByRole("heading", { name: "Map" })).toBeVisible();
  await expect(page.getByText("Inventory", { exact: true })).toBeVisible();
  await expect(node(page, /^Topic stores\.sales/)).toBeVisible();
  await expect(node(page, /^Principal nobody owns legacy-pos-bridge/)).toBeVisible();
  await expect(page.getByRole("button", { name: /Undeclared 4/ })).toBeVisible();
  await expect(page.getByRole("button", { name: /Never used 3/ })).toBeVisible();
});

test("rates move while nobody reloads", async ({ watched: page }) => {
  await page.goto("/console/?select=topic:stores.sales");
  await expect(page.getByText("Live", { exact: true })).toBeVisible();
  const total = page.locator(".figure", { hasText: "written in all" }).locator(".figure-value");
  const before = await total.textContent();
  await expect(total).not.toHaveText(before ?? "", { timeout: 10_000 });
});

test("a click tells who owns a topic, and why", async ({ watched: page }) => {
  await page.goto("/console/");
  await node(page, /^Topic stores\.sales/).click();
  const details = page.getByRole("complementary", { name: "Topic stores.sales" });
  await expect(details.getByText("tills", { exact: true })).toBeVisible();
  await expect(details.getByText(/^Why do you say so\? Declared at contracts\/stores\.sales/)).toBeVisible();
  await details.getByRole("button", { name: /legacy-pos-bridge/ }).click();
  await expect(
    page.getByText("Seen on the wire; nobody in the model owns the principal legacy-pos-bridge."),
  ).toBeVisible();
});

test("keys alone reach a node, open it and close it", async ({ watched: page }) => {
  await page.goto("/console/");
  await expect(node(page, /^Topic stores\.sales/)).toBeVisible();
  const first = page.locator(".node").first();
  await page.getByRole("button", { name: /Never used/ }).focus();
  await page.keyboard.press("Tab");
  await expect(first).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("complementary")).toBeVisible();
  await expect(page.getByRole("complementary").getByRole("heading", { level: 2 })).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("complementary")).toBeHidden();
  await expect(first).toBeFocused();
});

test("the table is the same map", async ({ watched: page }) => {
  await page.goto("/console/");
  await page.getByRole("button", { name: "Table" }).click();
  await expect(page).toHaveURL(/view=table/);
  const streams = page.getByRole("table", { name: "Streams" });
  await expect(streams.getByRole("row")).toHaveCount(61);
  await page.getByRole("button", { name: /In use/ }).click();
  await expect(streams.getByRole("row")).toHaveCount(8);
  await streams.getByRole("button", { name: "legacy-pos-bridge" }).click();
  await expect(page.getByRole("complementary")).toBeVisible();
});

test("a search dims the rest and Enter opens the first find", async ({ watched: page }) => {
  await page.goto("/console/");
  await page.getByRole("searchbox").fill("fraud-scoring");
  await expect(page.locator(".node:not(.node-faint)")).toHaveCount(1);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("complementary", { name: "Application fraud-scoring" })).toBeVisible();
  await page.getByRole("searchbox").fill("zzz");
  await expect(page.getByText("Nothing of that name is on the map.")).toBeVisible();
});

test("an address brings back the same view", async ({ watched: page }) => {
  await page.goto("/console/?view=table&hide=observed&select=principal:legacy-pos-bridge");
  await expect(page.getByRole("complementary", { name: /legacy-pos-bridge/ })).toBeVisible();
  await expect(page.getByRole("table", { name: "Streams" }).getByRole("row")).toHaveCount(8);
});

test("dragging moves the map and does not select", async ({ watched: page }) => {
  await page.goto("/console/");
  const topic = node(page, /^Topic stores\.sales/);
  const before = await topic.boundingBox();
  await topic.hover();
  await page.mouse.down();
  await page.mouse.move((before?.x ?? 0) + 200, (before?.y ?? 0) - 100, { steps: 5 });
  await page.mouse.up();
  expect((await topic.boundingBox())?.x).toBeGreaterThan((before?.x ?? 0) + 60);
  await expect(page.getByRole("complementary")).toBeHidden();
  await page.getByRole("button", { name: "Show all" }).click();
  expect((await topic.boundingBox())?.x).toBeCloseTo(before?.x ?? 0, 0);
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`nothing stands in the way of assistive technology, ${colorScheme}`, async ({ watched: page }) => {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.goto("/console/?select=topic:stores.sales");
    await expect(page.getByRole("complementary")).toBeVisible();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Table" }).click();
    await expectAccessible(page);
  });
}

test("a phone shows the details below", async ({ watched: page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto("/console/?select=topic:stores.sales");
  const panel = await page.getByRole("complementary").boundingBox();
  expect(panel?.width).toBeGreaterThan(380);
  expect(panel?.y).toBeGreaterThan(300);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
});
