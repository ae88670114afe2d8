// The pages as people use them: a cashier at the keypad, a payer who opens a link. The payer's bank is spoken for here
// through the public PSP API; the phone page has tests of its own.
import assert from "node:assert/strict";
import { test } from "node:test";
import { baseURL, demo, open } from "./browser.mjs";

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

async function call(key, path, body, headers = {}) {
  const response = await fetch(baseURL + path, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  assert.ok(response.ok, `${path}: ${response.status}`);
  return response.json();
}

// pay plays the payer's bank from check to execute.
async function pay(link, amount) {
  const { psp_key: key } = await demo();
  const id = `pages-${process.hrtime.bigint()}`;
  const payment = await call(key, "/psp/v1/payments", { psp_payment_id: id, link, amount, currency: "KGS", payer: { key: id, name_masked: "Payer A***" } });
  return call(key, `/psp/v1/payments/${payment.id}/execute`, {});
}

async function request(body) {
  const { merchant_key: key } = await demo();
  return call(key, "/v1/payment-requests", body, { "idempotency-key": `pages-${process.hrtime.bigint()}` });
}

async function signedIn(t, options) {
  const opened = await open(t, options);
  await opened.page.goto(`${baseURL}/pos`);
  await opened.page.locator("form[action='/pos/demo'] button").click();
  await opened.page.locator("#amount").waitFor();
  return opened;
}

test("a sale from the keypad: scanned, paid within a second, refunded", async (t) => {
  const { page, seen } = await signedIn(t, phone);
  for (const key of "1250,5".split("")) await page.locator(`[data-key="${key}"]`).tap();
  assert.equal(await page.locator("#amount").inputValue(), "1\u00a0250,5");
  await page.locator('[data-key="back"]').tap();
  await page.locator(".entry .main").tap(); // "1 250," counts as 1 250
  await page.waitForURL(/\/pos\/sales\//);
  const token = new URL(page.url()).pathname.split("/").pop();
  const { merchant_key: merchant, psp_key: psp } = await demo();
  const made = await (await fetch(`${baseURL}/v1/payment-requests/pr_${token}`, { headers: { authorization: `Bearer ${merchant}` } })).json();
  assert.equal(made.amount, 125000);

  await call(psp, "/psp/v1/check", { link: made.link });
  await page.locator("[data-state=scanned]").waitFor({ timeout: 2000 });
  await pay(made.link, made.amount);
  await page.locator("[data-state=paid] .huge").waitFor({ timeout: 1000 });
  assert.match(await page.locator("#live").innerText(), /1\s250,00\sсом\s+Payer A\*\*\*/);

  await page.keyboard.press("Enter"); // the next sale has the focus
  await page.waitForURL(/\/pos$/);
  await page.locator(".recent .quiet").first().tap();
  await page.locator("#refund-amount").fill("250");
  await page.locator(".form .danger").tap();
  await page.locator("dialog[open] .danger").tap();
  await page.locator(".lines .tag").waitFor();
  assert.match(await page.locator(".lines").innerText(), /250,00\sсом/);
  assert.deepEqual(seen, { foreign: [], errors: [], console: [] });
});

test("a link opens on what is paid; its fragment reaches the server by the script alone", async (t) => {
  const { page, seen } = await open(t, phone);
  const made = await request({ amount: 4200, description: "Чай", success_url: "https://shop.example/thanks" });
  await page.goto(made.link);
  await page.waitForURL(/\/open\?link=/);
  assert.match(await page.locator("main").innerText(), /42,00\sсом[\s\S]*Чай/);
  assert.ok((await page.locator(".apps a").count()) > 0);

  await page.goto(made.page);
  await pay(made.link, 4200);
  await page.locator("[data-state=paid] [data-return]").waitFor({ timeout: 1000 });
  assert.equal(await page.locator(".done .main").getAttribute("href"), "https://shop.example/thanks");
  assert.equal(await page.locator(".scan").isVisible(), false);
  assert.deepEqual(seen, { foreign: [], errors: [], console: [] });
});

test("the page of a request that runs out says so by itself", async (t) => {
  const { page } = await open(t);
  const made = await request({ amount: 100, expires_in: 3 });
  await page.goto(made.page);
  await page.locator("[data-state=waiting] .clock").waitFor();
  await page.locator("[data-state=expired]").waitFor({ timeout: 6000 });
});

test("a till without scripts sells and cancels", async (t) => {
  const { page } = await signedIn(t, { ...phone, javaScriptEnabled: false });
  await page.locator("#amount").fill("75");
  await page.locator(".entry .main").click();
  await page.waitForURL(/\/pos\/sales\//);
  assert.equal(await page.locator(".code svg").isVisible(), true);
  await page.locator(".when-open button").click();
  await page.locator("[data-state=canceled]").waitFor();
});

test("no page is wider than a small phone, in any language", async (t) => {
  const { page } = await signedIn(t, { viewport: { width: 320, height: 640 } });
  const made = await request({ amount: 9999999999999, description: "Ы".repeat(140) });
  const token = made.page.split("/").pop();
  for (const path of ["/", `/p/${token}`, `/open?link=${encodeURIComponent(made.link)}`, "/open?link=x", "/pos", `/pos/sales/${token}`, "/pos/payments", "/pos/statement", "/pos/sticker", "/nothing"]) {
    for (const lang of ["ky", "ru", "en"]) {
      await page.goto(`${baseURL}${path}${path.includes("?") ? "&" : "?"}lang=${lang}`);
      const over = await page.evaluate(() => {
        const inner = [...document.querySelectorAll(".scroll")].map((box) => box.scrollWidth - box.clientWidth);
        return Math.max(document.documentElement.scrollWidth - innerWidth, ...inner);
      });
      assert.ok(over <= 0, `${path} in ${lang} is ${over} pixels too wide`);
    }
  }
});
