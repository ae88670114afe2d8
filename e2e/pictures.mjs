// Takes pictures of every screen of the storybook to look at after a change of the pages, and lays them side by side on
// sheets: phone in Kyrgyz, phone in Russian and dark, phone in English, desktop in Russian. `make pictures` runs it:
//
//	go run ./internal/storybook 127.0.0.1:8090 & node e2e/pictures.mjs http://127.0.0.1:8090/ FOLDER [NAME…]
import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const phone = { width: 390, height: 844 };
const desktop = { width: 1280, height: 800 };
const views = [
  { lang: "ky", viewport: phone, colorScheme: "light" },
  { lang: "ru", viewport: phone, colorScheme: "dark" },
  { lang: "en", viewport: phone, colorScheme: "light" },
  { lang: "ru", viewport: desktop, colorScheme: "light" },
];
const onASheet = 3;

const [base, folder, ...wanted] = process.argv.slice(2);
const executablePath = process.env.TOLOM_CHROMIUM ?? "/usr/bin/chromium";
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage", "--allow-file-access-from-files"] });
await mkdir(folder, { recursive: true });
const list = await (await fetch(base)).text();
const all = [...new Set([...list.matchAll(/href="\/([a-z0-9-]+)\?/g)].map((found) => found[1]))];
const names = wanted.length ? all.filter((name) => wanted.some((w) => name.startsWith(w))) : all;

const picture = (name, n) => `${name}-${views[n].lang}-${views[n].viewport.width}-${views[n].colorScheme}.png`;

for (const [n, { lang, viewport, colorScheme }] of views.entries()) {
  const context = await browser.newContext({ colorScheme, viewport, reducedMotion: "reduce", locale: lang, timezoneId: "Asia/Bishkek" });
  const page = await context.newPage();
  for (const name of names) {
    await page.goto(`${base}${name}?lang=${lang}`);
    await page.screenshot({ path: join(folder, picture(name, n)), fullPage: true });
  }
  await context.close();
}

const page = await (await browser.newContext({ viewport: { width: 2000, height: 1000 } })).newPage();
for (let from = 0; from < names.length; from += onASheet) {
  const rows = names.slice(from, from + onASheet).map((name) => {
    const pictures = views.map((v, n) => `<img style="width:${v.viewport === phone ? 330 : 860}px" src="${picture(name, n)}">`);
    return `<h1>${name}</h1><p style="display:flex;gap:20px;align-items:start">${pictures.join("")}</p>`;
  });
  const sheet = join(folder, `sheet-${String(from / onASheet).padStart(2, "0")}`);
  await writeFile(`${sheet}.html`, `<!DOCTYPE html><meta charset="utf-8"><body style="background:#999;font-family:sans-serif">${rows.join("")}`);
  await page.goto(pathToFileURL(resolve(`${sheet}.html`)).href);
  await page.screenshot({ path: `${sheet}.png`, fullPage: true });
}
await browser.close();
console.log(`${names.length} screens, ${views.length} pictures of each, in ${folder}`);
