import assert from "node:assert/strict";
import { test } from "node:test";
import { baseURL, open, shot } from "../../../e2e/browser.mjs";

test("the browser runs the page and tells what it asked for", async (t) => {
  const { page, seen } = await open(t);
  await page.goto(baseURL);
  assert.equal(await page.title(), "Төлөм");
  assert.equal(await page.locator("h1").textContent(), "жети сом");
  assert.deepEqual(seen.foreign, ["http://127.0.0.2:1/foreign.png"]);
  await shot(page, "page");
});

test("a page can be seen as it is without JavaScript", async (t) => {
  const { page } = await open(t, { javaScriptEnabled: false });
  await page.goto(baseURL);
  assert.equal(await page.locator("h1").textContent(), "");
});
