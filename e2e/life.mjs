// The steps of a payment as a person does them, at the till and on the phone.
import assert from "node:assert/strict";
import { join } from "node:path";
import { tmpdir } from "node:os";
import { mkdtemp } from "node:fs/promises";
import { baseURL } from "./browser.mjs";

export const till = { width: 1280, height: 900 };
export const phone = { width: 390, height: 844 };

// enterTill opens the demo till's point of sale.
export async function enterTill(page) {
  await page.goto(baseURL + "/pos");
  await page.click("form[action='/pos/demo'] button");
  await page.waitForSelector("form[data-entry]");
}

// sell asks for an amount and leaves the page with the code open.
export async function sell(page, amount, description) {
  await page.fill("#amount", amount);
  await page.fill("#description", description);
  await page.click("form[data-entry] button.main");
  await page.waitForSelector(".code svg");
}

// photograph takes a picture of the code on the till's screen, as a phone would.
export async function photograph(page) {
  const path = join(await mkdtemp(join(tmpdir(), "tolom-e2e-")), "code.png");
  await page.locator(".code").screenshot({ path });
  return path;
}

// scan uploads the picture at the payer's phone and leaves the offer open. With scripts the phone goes on by
// itself once a picture is chosen; without them the button does it.
export async function scan(page, picture, { scripts = true, payer = "payer-1" } = {}) {
  await page.goto(`${baseURL}/phone?payer=${payer}`);
  await page.setInputFiles("#photo", picture);
  if (!scripts) await page.click("form[data-scan] button.main");
  await page.waitForURL(/\/purchase\//);
}

// balance reads the payer's balance on the phone, in tyiyn.
export async function balance(page, payer = "payer-1") {
  await page.goto(`${baseURL}/phone?payer=${payer}`);
  return tyiyn(await page.textContent("[data-balance]"));
}

// tyiyn reads an amount as the pages write it: "1 234,50 сом".
export function tyiyn(text) {
  const digits = text.replace(/[^0-9−-]/g, "").replace("−", "-");
  assert.match(text, /,\d\d/, `${text} is no amount`);
  return Number(digits);
}

// phoneAPI calls the JSON API of the simulated bank.
export async function phoneAPI(method, path, body) {
  const response = await fetch(`${baseURL}/phone/api/${path}`, { method, body: body && JSON.stringify(body) });
  const answer = await response.json();
  assert.ok(response.ok, `${method} ${path}: ${JSON.stringify(answer)}`);
  return answer;
}

// merchantAPI reads as the merchant's program does.
export async function merchantAPI(key, path) {
  const response = await fetch(baseURL + path, { headers: { Authorization: `Bearer ${key}` } });
  assert.equal(response.status, 200, path);
  return response.json();
}
