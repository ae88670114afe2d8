// Takes a picture of every screen of the storybook, in three languages, on a phone and a desktop, light and dark, to look
// at after a change of the pages:
//
//	go run ./internal/storybook 127.0.0.1:8090 & node e2e/storybook.mjs http://127.0.0.1:8090/ pictures
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { chromium } from "playwright-core";

const [base, folder] = process.argv.slice(2);
const executablePath = process.env.TOLOM_CHROMIUM ?? "/usr/bin/chromium";
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
await mkdir(folder, { recursive: true });
const list = await (await fetch(base)).text();
const names = [...new Set([...list.matchAll(/href="\/([a-z0-9-]+)\?/g)].map((found) => found[1]))];

for (const colorScheme of ["light", "dark"]) {
  for (const [device, width, height] of [["phone", 390, 844], ["desktop", 1280, 800]]) {
    const context = await browser.newContext({ colorScheme, viewport: { width, height }, reducedMotion: "reduce" });
    const page = await context.newPage();
    for (const name of names) {
      for (const lang of ["ky", "ru", "en"]) {
        await page.goto(`${base}${name}?lang=${lang}`);
        await page.screenshot({ path: join(folder, `${name}-${lang}-${device}-${colorScheme}.png`), fullPage: true });
      }
    }
    await context.close();
  }
}
await browser.close();
