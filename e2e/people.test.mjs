// People: sign in, second factor, passkey, invitation, roles; on a phone and on a desktop, in three languages.
import { createHmac } from "node:crypto";
import assert from "node:assert/strict";
import { test } from "node:test";
import { baseURL, demo, open, shot } from "./browser.mjs";
import { phone } from "./life.mjs";

const wide = { width: 1180, height: 820 };
// Browsers know no passkeys of numbers: the pages of the demo go by the name of the machine too.
const named = baseURL.replace("127.0.0.1", "localhost");

async function signIn(page, role, base = named) {
  const { people, operator } = await demo();
  const who = role === "operator" ? operator : people.find((p) => p.role === role);
  await page.goto(`${base}/sign-in`);
  await page.fill("#login", who.login);
  await page.fill("#password", who.password);
  await page.click("form button.main");
  return who;
}

// totp is RFC 6238 with what every app takes: SHA-1, six digits, half a minute.
function totp(seed, at = Date.now()) {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...seed].map((c) => letters.indexOf(c).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30000)));
  const sum = createHmac("sha1", key).update(counter).digest();
  const number = sum.readUInt32BE(sum[19] & 15) & 0x7fffffff;
  return String(number % 1e6).padStart(6, "0");
}

// fits says that nothing sticks out of the screen.
async function fits(page) {
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, `${page.url()} is wider than the screen`);
}

for (const [locale, viewport] of [["ky", phone], ["ru", wide], ["en", phone]]) {
  test(`an owner looks around in ${locale}`, async (t) => {
    const { page, seen } = await open(t, { viewport, locale });
    await page.goto(`${named}/sign-in`);
    await shot(page, `people-sign-in-${locale}`);
    await fits(page);
    await signIn(page, "owner");
    await page.waitForURL(/\/dashboard\//);
    for (const [name, link] of [["home"], ["people", "people"], ["log", "events"], ["statement", "statement"], ["payments", "payments"]]) {
      if (link) await page.click(`.places a[href$="/${link}"]`);
      await shot(page, `people-${name}-${locale}`);
      await fits(page);
    }
    await page.click(".whoami a");
    await shot(page, `people-account-${locale}`);
    await fits(page);
    assert.deepEqual([seen.foreign.filter((at) => !at.startsWith(named)), seen.errors, seen.console], [[], [], []]);
  });
}

test("a cashier sees payments and nothing else", async (t) => {
  const { page } = await open(t, { viewport: phone, locale: "ru" });
  await signIn(page, "cashier");
  await page.waitForURL(/\/dashboard\//);
  assert.equal(await page.locator(".places a").count(), 2);
  const response = await page.goto(page.url() + "/statement");
  assert.equal(response.status(), 403);
});

test("the centre has its console, and an owner no way into it", async (t) => {
  const { page } = await open(t, { viewport: wide, locale: "ru" });
  await signIn(page, "operator");
  await page.waitForURL(/\/console/);
  await shot(page, "people-console-ru");
  await page.setViewportSize(phone);
  await fits(page);
  await shot(page, "people-console-phone-ru");
  await page.click("form.leave button");
  await signIn(page, "owner");
  assert.equal((await page.goto(`${named}/console`)).status(), 403);
});

test("a second factor is set up, asked for, and its code taken once", async (t) => {
  const { page } = await open(t, { viewport: phone, locale: "en" });
  const who = await signIn(page, "accountant");
  await page.goto(`${named}/account`);
  await page.click('form[action="/account/totp"] button');
  await shot(page, "people-totp-en");
  await fits(page);
  const seed = await page.locator("output.token").textContent();
  await page.fill("#first", totp(seed, Date.now() - 30000)); // The code before is taken too, and leaves this one for signing in.
  await page.fill("#totp-password", who.password);
  await page.click("form button.main");
  assert.equal(await page.locator(".codes li").count(), 10);
  await shot(page, "people-recovery-en");
  const [recovery] = await page.locator(".codes code").allTextContents();
  await page.click(".tools a.main");
  await page.click("form.leave button");
  await signIn(page, "accountant");
  await page.waitForSelector("#code");
  await shot(page, "people-code-en");
  const code = totp(seed);
  await page.fill("#code", code);
  await page.click("form button.main");
  await page.waitForURL(/\/dashboard\//);
  await page.click("form.leave button");
  await signIn(page, "accountant");
  await page.fill("#code", code);
  await page.click("form button.main");
  assert.match(await page.locator(".notice").first().textContent(), /used already|wrong/);
  await page.fill("#code", recovery.toUpperCase());
  await page.click("form button.main");
  await page.waitForURL(/\/dashboard\//);
});

test("a passkey is made and signs in alone", async (t) => {
  const { page, context } = await open(t, { viewport: phone, locale: "ru" });
  const cdp = await context.newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
  });
  const who = await signIn(page, "developer");
  await page.goto(`${named}/account`);
  await page.fill("#passkey-name", "Phone");
  await page.fill("#passkey-password", "not the password");
  await page.click("[data-passkey=create] button");
  await page.waitForSelector("[data-passkey=create] .notice.danger:not([hidden])");
  await page.fill("#passkey-password", who.password);
  await page.click("[data-passkey=create] button");
  await page.waitForURL(/done=second/);
  await shot(page, "people-passkey-ru");
  await page.click("form.leave button");
  await page.click("[data-passkey=get] button");
  await page.waitForURL(/\/dashboard\//);
  await page.click("form.leave button");
  await signIn(page, "developer"); // The password alone lets nobody in any more.
  await page.waitForURL(/sign-in\/code/);
  await page.click("[data-passkey=get] button");
  await page.waitForURL(/\/dashboard\//);
});

test("an invitation is accepted once", async (t) => {
  const owner = await open(t, { viewport: wide, locale: "en" });
  await signIn(owner.page, "owner");
  await owner.page.click('.places a[href$="/people"]');
  await owner.page.check("#invite input[value=cashier]");
  await owner.page.fill("#invite-name", "Evening shift");
  await owner.page.click("#invite button.main");
  const link = (await owner.page.locator(".made .token").textContent()).replace("127.0.0.1", "localhost");
  await shot(owner.page, "people-invited-en");
  const guest = await open(t, { viewport: phone, locale: "ky" });
  await guest.page.goto(link);
  await shot(guest.page, "people-join-ky");
  await fits(guest.page);
  await guest.page.fill("#name", "Кассир 2");
  await guest.page.fill("#login", "cashier-2");
  await guest.page.fill("#password", "three unrelated words");
  await guest.page.click("form button.main");
  await guest.page.waitForURL(/\/dashboard\//);
  assert.equal((await guest.page.goto(link)).status(), 404);
  await owner.page.click('.places a[href$="/people"]');
  await owner.page.locator(".people li", { hasText: "cashier-2" }).locator("summary").click();
  await shot(owner.page, "people-opened-en");
  await owner.page.locator(".people li", { hasText: "cashier-2" }).locator('form[action$="/end"] button').first().click();
  await owner.page.waitForLoadState();
  await guest.page.goto(`${named}/dashboard`);
  await guest.page.waitForURL(/sign-in/);
});
