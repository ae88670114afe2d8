// A payment from the point of sale to the statement, played in the browser.
import assert from "node:assert/strict";
import { test } from "node:test";
import { baseURL, demo, open, platform } from "./browser.mjs";
import { balance, enterTill, merchantAPI, phone, phoneAPI, photograph, scan, sell, till, tyiyn } from "./life.mjs";

const clean = { foreign: [], errors: [], console: [] };

// bishkekDay is today's date where the operating day is counted.
const bishkekDay = () => new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Bishkek" }).format(new Date());

// books compares what three sides say: the statement's page, its API, and the bank.
async function books(page, key) {
  await page.goto(`${baseURL}/pos/statement?day=${bishkekDay()}`);
  const closing = tyiyn(await page.locator(".sums tr.edge td").last().textContent());
  const statement = await merchantAPI(key, `/v1/statements?from=${bishkekDay()}&to=${bishkekDay()}`);
  const { payable } = await merchantAPI(key, "/v1/balance");
  assert.equal(closing, statement.closing_balance, "the page and the API differ");
  assert.equal(statement.closing_balance, payable, "the statement and the ledger differ");
  assert.equal(statement.closing_balance - statement.opening_balance, statement.lines.reduce((sum, l) => sum + l.change, 0));
  return statement;
}

test("a person pays at the till with a picture of the code, and both sides see it", async (t) => {
  const shop = await open(t, { viewport: till });
  const payer = await open(t, { viewport: phone });
  const { merchant_key } = await demo();
  const before = await balance(payer.page);

  await enterTill(shop.page);
  await sell(shop.page, "150,00", "Обед");
  await scan(payer.page, await photograph(shop.page));
  assert.equal(tyiyn(await payer.page.textContent("[data-amount]")), 15000);
  assert.match(await payer.page.textContent("h1"), /Ала-Тоо/);
  await shop.page.waitForSelector(".pulse.near"); // the till saw that somebody scanned

  const pressed = Date.now();
  await payer.page.click("form[data-once] button.main");
  await shop.page.waitForSelector(".done.huge");
  const seen = Date.now() - pressed;
  t.diagnostic(`from pressing "pay" to "paid" at the till: ${seen} ms`);
  assert.equal(tyiyn(await shop.page.textContent(".done.huge .sum")), 15000);

  await payer.page.waitForSelector("h1[data-state=success]");
  await payer.page.click("[data-receipt]");
  assert.match(await payer.page.textContent("main"), /Успешно/);
  assert.equal(before - (await balance(payer.page)), 15000, "the payer's balance went down by the payment");

  const statement = await books(shop.page, merchant_key);
  assert.equal(statement.totals.payments, 15000);
  assert.equal(statement.totals.fees, 75);
  assert.deepEqual([shop.seen, payer.seen], [clean, clean]);
});

test("money goes back: the cashier refunds, the bank returns it, the statement shows it", async (t) => {
  const shop = await open(t, { viewport: till });
  const payer = await open(t, { viewport: phone });
  const { merchant_key } = await demo();
  const before = await balance(payer.page);
  await enterTill(shop.page);
  await shop.page.goto(`${baseURL}/pos/payments`);
  await shop.page.locator("a[href*='/pos/payments/']").first().click();
  await shop.page.fill("input[name=amount]", "50");
  await shop.page.click("form[action$='/refunds'] button.danger");
  await shop.page.click("dialog[open] button.danger"); // the page asks once more, with the amount
  await assert.doesNotReject(until(async () => (await balance(payer.page)) === before + 5000), "the payer has 50.00 back");
  const statement = await books(shop.page, merchant_key);
  assert.equal(statement.totals.refunds, 5000);
  assert.equal(statement.totals.fees_returned, 25);
});

test("the platform is killed between create and execute, and the payment still ends once", async (t) => {
  const shop = await open(t, { viewport: till });
  const payer = await open(t, { viewport: phone });
  const { merchant_key } = await demo();
  const before = await balance(payer.page);
  await enterTill(shop.page);
  await sell(shop.page, "99,90", "Чай");
  await scan(payer.page, await photograph(shop.page));

  const purchase = new URL(payer.page.url()).pathname.split("/").pop();
  const held = await phoneAPI("POST", `purchases/${purchase}/hold`, {});
  assert.equal(held.stage, "created");
  await platform.kill();
  await platform.start();

  await payer.page.reload();
  await payer.page.click("form[action$='/confirm'] button.main");
  await payer.page.waitForSelector("h1[data-state=success]");
  await shop.page.waitForSelector(".done.huge", { timeout: 15000 }); // the open page came back by itself
  assert.equal(before - (await balance(payer.page)), 9990);
  const statement = await books(shop.page, merchant_key);
  assert.equal(statement.lines.filter((l) => l.type === "payment" && l.amount === 9990).length, 1);
});

test("the platform is killed while the execute is on its way: nobody knows, then everybody does", async (t) => {
  const shop = await open(t, { viewport: till });
  const payer = await open(t, { viewport: phone });
  const { merchant_key } = await demo();
  const before = await balance(payer.page);
  await enterTill(shop.page);
  await sell(shop.page, "10,01", "Нан");
  await scan(payer.page, await photograph(shop.page));
  const purchase = new URL(payer.page.url()).pathname.split("/").pop();
  await phoneAPI("POST", "faults", { trouble: "lose_reply", call: "execute", times: 1 });
  await phoneAPI("POST", "faults", { trouble: "lose_call", call: "state", times: 100 });
  await phoneAPI("POST", `purchases/${purchase}/pay`, {});
  await platform.kill();
  await platform.start();

  await until(async () => (await phoneAPI("GET", `purchases/${purchase}`)).stage === "success");
  await shop.page.waitForSelector(".done.huge", { timeout: 15000 });
  assert.equal(before - (await balance(payer.page)), 1001);
  await books(shop.page, merchant_key);
});

test("without JavaScript: sale, payment, receipt and statement all work", async (t) => {
  const shop = await open(t, { viewport: till, javaScriptEnabled: false });
  const payer = await open(t, { viewport: phone, javaScriptEnabled: false });
  await enterTill(shop.page);
  await sell(shop.page, "12.50", "");
  await scan(payer.page, await photograph(shop.page), { scripts: false });
  await payer.page.click("form[data-once] button.main");
  await payer.page.waitForSelector("h1[data-state=success]");
  await until(async () => {
    await shop.page.reload();
    return (await shop.page.locator(".done.huge").count()) === 1;
  });
  await payer.page.click("[data-receipt]");
  assert.match(await payer.page.textContent("main"), /12,50/);
});

test("a link opens its landing page, which leads to the phone", async (t) => {
  const { merchant_key } = await demo();
  const { page } = await open(t, { viewport: phone });
  const made = await fetch(`${baseURL}/v1/payment-requests`, {
    method: "POST",
    headers: { Authorization: `Bearer ${merchant_key}`, "Idempotency-Key": `e2e-${Date.now()}`, "Content-Type": "application/json" },
    body: JSON.stringify({ amount: 4200, description: "Ссылка" }),
  });
  const request = await made.json();
  await page.goto(request.link);
  await page.waitForSelector("text=42,00");
  await page.click("a[href*='/phone?link=']");
  await page.click("form[data-scan] button.main");
  await page.waitForURL(/\/purchase\//);
  await page.click("form[data-once] button.main");
  await page.waitForSelector("h1[data-state=success]");
  const paid = await merchantAPI(merchant_key, `/v1/payment-requests/${request.id}`);
  assert.equal(paid.status, "paid");

  const altered = request.link.replace("54044200", "54041200");
  await page.goto(`${baseURL}/open?link=${encodeURIComponent(altered)}`);
  assert.doesNotMatch(await page.textContent("main"), /12,00/, "an altered amount is not offered");
});

// until repeats a question until the answer is yes, for at most 20 seconds.
async function until(ask) {
  for (const end = Date.now() + 20000; Date.now() < end; ) {
    if (await ask()) return;
    await new Promise((r) => setTimeout(r, 200));
  }
  throw new Error("it did not happen within 20 seconds");
}
