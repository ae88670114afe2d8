// Places: whatever a person's menu leads to opens in the binary as it is wired, fits the screen, and loads nothing foreign.
import assert from "node:assert/strict";
import { test } from "node:test";
import { baseURL, demo, open, shot } from "./browser.mjs";
import { phone } from "./life.mjs";

const screens = [
  ["ky", phone],
  ["ru", { width: 1180, height: 820 }],
  ["en", phone],
];

test("every place in the menu of every role opens", async (t) => {
  const { people, operator } = await demo();
  const all = [{ role: "operator", ...operator }, ...people];
  let opened = 0;
  for (const [n, who] of all.entries()) {
    const [locale, viewport] = screens[n % screens.length];
    const { page, seen } = await open(t, { locale, viewport });
    await page.goto(`${baseURL}/sign-in`);
    await page.fill("#login", who.login);
    await page.fill("#password", who.password);
    await page.click("form button.main");
    await page.waitForURL(/\/(dashboard|console)/);
    const places = await page.$$eval(".places a", (links) => links.map((a) => a.href));
    assert.ok(places.length > 0, `${who.role} has no menu`);
    for (const place of places) {
      const response = await page.goto(place);
      assert.equal(response.status(), 200, `${who.role} at ${place}`);
      const width = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(width <= 0, `${place} is ${width} pixels wider than the screen`);
      await shot(page, `places-${who.role}-${place.split("/").pop().slice(0, 20)}-${locale}`);
      opened++;
    }
    assert.deepEqual([seen.foreign, seen.errors, seen.console], [[], [], []]);
  }
  t.diagnostic(`${opened} places of ${all.length} people`);
});
