// A payer shows a receipt, and the cashier finds out whether it is real.
import assert from "node:assert/strict";
import { test } from "node:test";
import { baseURL, open } from "./browser.mjs";
import { enterTill, phone, photograph, scan, sell } from "./life.mjs";

// verdict waits for what the page says of the receipt.
async function verdict(page) {
  const found = page.locator("[data-verdict]");
  await found.waitFor();
  return [await found.getAttribute("data-verdict"), await found.locator(".notice").innerText()];
}

test("a cashier photographs the payer's receipt and sees that it is real, and later that the money went back", async (t) => {
  const shop = await open(t, { viewport: phone, locale: "ru" });
  const payer = await open(t, { viewport: phone });
  await enterTill(shop.page);
  for (const purchase of ["Обед", "Ужин"]) { // two, so that there is enough to give back
    await shop.page.goto(`${baseURL}/pos`);
    await sell(shop.page, "150,00", purchase);
    await scan(payer.page, await photograph(shop.page));
    await payer.page.click("form[data-once] button.main");
    await payer.page.waitForSelector("h1[data-state=success]");
  }
  await payer.page.click("[data-receipt]");
  await payer.page.waitForSelector(".attest .code svg");
  const text = await payer.page.locator("[data-receipt-text]").textContent();
  const picture = await photograph(payer.page);

  await shop.page.goto(`${baseURL}/pos/receipts`);
  await shop.page.setInputFiles("#photo", picture); // sent at once
  assert.deepEqual(await verdict(shop.page), ["real", "Настоящая: деньги уплачены"]);
  assert.match(await shop.page.textContent("[data-verdict]"), /150,00/);
  assert.equal(await shop.page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, "the page is wider than the phone");

  const altered = text.slice(0, -9) + (text.at(-9) === "A" ? "B" : "A") + text.slice(-8);
  await shop.page.fill("#text", altered);
  await shop.page.press("#text", "Enter");
  assert.deepEqual(await verdict(shop.page), ["altered", "Не настоящая: квитанция изменена"]);

  await shop.page.fill("#text", text);
  await shop.page.press("#text", "Enter");
  await shop.page.click("[data-verdict=real] a.button"); // to the payment, and give all of it back
  await shop.page.click("#refund button.danger, #refund button.main");
  await shop.page.click("dialog button.danger");
  await shop.page.waitForSelector(".lines");
  await shop.page.goto(`${baseURL}/pos/receipts`);
  await shop.page.fill("#text", text);
  await shop.page.press("#text", "Enter");
  assert.deepEqual(await verdict(shop.page), ["real", "Внимание: деньги возвращены"]);
});
