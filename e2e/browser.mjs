// What the browser tests share: where the demo is, an open page, a picture, and the demo's power switch.
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { chromium } from "playwright-core";

export const baseURL = process.env.TOLOM_BASE_URL;

// demo reads the keys that the demo wrote: base_url, merchant_key, psp_id, psp_key, operator.
export async function demo() {
  return JSON.parse(await readFile(process.env.TOLOM_DEMO, "utf8"));
}

// platform kills (SIGKILL), stops (Ctrl-C) and starts the demo; each returns when it has happened.
export const platform = { kill: () => control("kill"), stop: () => control("stop"), start: () => control("start") };

async function control(action) {
  const response = await fetch(`${process.env.TOLOM_CONTROL}/${action}`, { method: "POST" });
  if (response.status !== 204) throw new Error(`${action}: ${await response.text()}`);
}

// open gives a page of its own to a test and closes it with the test. `seen` collects what the page did wrong:
// requests to other hosts, errors of its scripts, and complaints on the console. The options are those of a
// browser context (locale, javaScriptEnabled, viewport, …); `args` are further switches for Chromium.
export async function open(t, { args = [], ...options } = {}) {
  const browser = await chromium.launch({
    executablePath: process.env.TOLOM_CHROMIUM,
    // Chromium's sandbox needs privileges that build machines do not have; the pages shown are our own.
    args: ["--no-sandbox", "--disable-dev-shm-usage", ...args],
  });
  t.after(() => browser.close());
  const context = await browser.newContext({ locale: "ru", timezoneId: "Asia/Bishkek", ...options });
  const page = await context.newPage();
  return { page, context, browser, seen: watch(context, page) };
}

function watch(context, page) {
  const seen = { foreign: [], errors: [], console: [] };
  const home = new URL(baseURL).origin;
  context.on("request", (request) => {
    const url = new URL(request.url());
    if (["http:", "https:", "ws:", "wss:"].includes(url.protocol) && url.origin !== home) seen.foreign.push(url.href);
  });
  page.on("pageerror", (error) => seen.errors.push(String(error)));
  page.on("console", (message) => message.type() === "error" && seen.console.push(message.text()));
  return seen;
}

// shot writes a picture NAME.png of the whole page into the folder for pictures.
export async function shot(page, name, options = {}) {
  await mkdir(process.env.TOLOM_SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(process.env.TOLOM_SCREENSHOTS, `${name}.png`), fullPage: true, ...options });
}
