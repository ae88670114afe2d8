// Takes the pictures that the documents show, from a payment that really happens.
import { test } from "node:test";
import { baseURL, demo, open, shot } from "./browser.mjs";
import { enterTill, phone, photograph, scan, sell } from "./life.mjs";

const wide = { width: 1180, height: 820 };

test("pictures of a payment", async (t) => {
  const shop = await open(t, { viewport: phone, deviceScaleFactor: 2 });
  const payer = await open(t, { viewport: phone, deviceScaleFactor: 2, locale: "ky" });
  const frame = { fullPage: false };
  await enterTill(shop.page);
  await shot(shop.page, "till-entry", frame);
  await sell(shop.page, "150,00", "Обед на двоих");
  await shot(shop.page, "till-code", frame);
  await scan(payer.page, await photograph(shop.page));
  await shot(payer.page, "phone-offer", frame);
  await payer.page.click("form[data-once] button.main");
  await payer.page.waitForSelector("h1[data-state=success]");
  await shot(payer.page, "phone-success", frame);
  await shop.page.waitForSelector(".done.huge");
  await shop.page.waitForTimeout(800); // the tick is drawn
  await shot(shop.page, "till-paid", frame);
  await payer.page.click("[data-receipt]");
  await shot(payer.page, "receipt", frame);
  await shop.page.setViewportSize(wide);
  await shop.page.goto(`${baseURL}/pos/statement`);
  await shot(shop.page, "statement", frame);
});

test("pictures of what a stranger sees", async (t) => {
  const { page } = await open(t, { viewport: phone, deviceScaleFactor: 2, locale: "ky" });
  const { merchant_key } = await demo();
  const made = await fetch(`${baseURL}/v1/payment-requests`, {
    method: "POST",
    headers: { Authorization: `Bearer ${merchant_key}`, "Idempotency-Key": "picture", "Content-Type": "application/json" },
    body: JSON.stringify({ amount: 248050, description: "Буйрутма № 1042" }),
  });
  await page.goto((await made.json()).page);
  await shot(page, "checkout", { fullPage: false });
  await page.setViewportSize(wide);
  await page.goto(baseURL);
  await page.waitForLoadState("networkidle");
  await shot(page, "front", { fullPage: false });
  await page.goto(baseURL + "/docs");
  await shot(page, "docs", { fullPage: false });
});
