// Takes the pictures that the documents show.
import { test } from "node:test";
import { baseURL, open, shot } from "./browser.mjs";

const pages = { landing: "/", docs: "/docs" };

for (const [name, path] of Object.entries(pages)) {
  test(`picture of ${path}`, async (t) => {
    const { page } = await open(t);
    await page.goto(baseURL + path, { waitUntil: "networkidle" });
    await shot(page, name);
  });
}
