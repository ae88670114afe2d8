// The pages come from the binary alone: a till with a bad connection, or none to the rest of the world, shows them whole.
import assert from "node:assert/strict";
import { test } from "node:test";
import { baseURL, open } from "./browser.mjs";

for (const path of ["/", "/docs"]) {
  test(`${path} asks no other host for anything and works without complaint`, async (t) => {
    const { page, seen } = await open(t);
    const response = await page.goto(baseURL + path, { waitUntil: "networkidle" });
    assert.equal(response.status(), 200);
    assert.deepEqual(seen, { foreign: [], errors: [], console: [] });
  });
}
