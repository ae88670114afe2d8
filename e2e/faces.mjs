// Faces: every screen of the storybook is one that everybody can use. axe-core looks for what WCAG 2.2 A and AA refuse
// (names, contrast, targets, structure); beside that nothing sticks out of the screen, nothing is cut, and a keyboard
// reaches everything and shows where it is. Each screen is looked at in one language, device and scheme, turn by turn;
// with TOLOM_FACES=all in all of them.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { test } from "node:test";
import { baseURL, open } from "./browser.mjs";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const devices = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 800 } };
const every = ["light", "dark"].flatMap((colorScheme) =>
  Object.keys(devices).flatMap((device) => ["ky", "ru", "en"].map((lang) => ({ colorScheme, device, lang }))),
);
const list = await (await fetch(baseURL)).text();
const names = [...new Set([...list.matchAll(/href="\/([a-z0-9-]+)\?/g)].map((found) => found[1]))];
assert.ok(names.length > 100, `the storybook has ${names.length} screens`);

// ways are how a screen is looked at: phones twice as often as desktops, with all languages and both schemes over time.
function ways(n) {
  if (process.env.TOLOM_FACES === "all") return every;
  return [{ lang: ["ky", "ru", "en"][n % 3], device: n % 4 === 3 ? "desktop" : "phone", colorScheme: n % 5 > 2 ? "dark" : "light" }];
}

// flaws is what is wrong with the page that is shown, in words.
async function flaws(page) {
  await page.evaluate(axe);
  return page.evaluate(async (rules) => {
    const { violations } = await axe.run(document, { runOnly: rules, resultTypes: ["violations"] });
    const found = violations.flatMap((v) => v.nodes.map((node) => `${v.id}: ${node.html.slice(0, 120)}: ${node.any[0]?.message ?? v.help}`));
    const heard = (part) => part && (getComputedStyle(part).clipPath === "inset(50%)" || heard(part.parentElement)); // and not seen
    const wider = document.documentElement.scrollWidth - innerWidth;
    if (wider > 0) found.push(`${wider} pixels wider than the screen`);
    for (const part of document.querySelectorAll("main *, header *")) {
      const style = getComputedStyle(part);
      const mayScroll = /auto|scroll/.test(style.overflowX) || part.matches("input, select, svg, svg *, progress, .pay > .bill"); // whose ring is cut on purpose
      if (heard(part)) continue;
      if (!mayScroll && part.clientWidth > 0 && part.scrollWidth > part.clientWidth + 1 && style.display !== "inline") {
        found.push(`its text sticks out: ${part.outerHTML.slice(0, 120)}`);
      }
    }
    return found;
  }, rules);
}

test("every screen can be used by everybody", async (t) => {
  const wrong = [];
  let seen = 0;
  for (const colorScheme of ["light", "dark"]) {
    const { page, context } = await open(t, { colorScheme, reducedMotion: "reduce" });
    for (const [n, name] of names.entries()) {
      for (const way of ways(n).filter((w) => w.colorScheme === colorScheme)) {
        await page.setViewportSize(devices[way.device]);
        await page.goto(`${baseURL}${name}?lang=${way.lang}`);
        wrong.push(...(await flaws(page)).map((flaw) => `${name} ${way.lang} ${way.device} ${colorScheme}: ${flaw}`));
        seen++;
      }
    }
    await context.close();
  }
  t.diagnostic(`${seen} pages of ${names.length} screens`);
  assert.ok(seen >= names.length, `${seen} of ${names.length} screens`);
  assert.equal(wrong.join("\n"), "");
});

test("a keyboard reaches everything and shows where it is", async (t) => {
  const { page } = await open(t, { viewport: devices.desktop });
  for (const name of ["checkout-waiting", "open-genuine", "pos-entry", "sign-in", "tariff", "calendar", "merchant", "reports", "people"]) {
    await page.goto(`${baseURL}${name}?lang=en`);
    const stops = await page.evaluate(() => {
      const all = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, summary, [tabindex='0']")];
      const shown = all.filter((x) => x.checkVisibility({ visibilityProperty: true }) && !x.disabled);
      // Of radio buttons of one name a keyboard stops at one.
      return new Set(shown.map((x) => (x.type === "radio" ? `radio ${x.name} ${x.form ? [...document.forms].indexOf(x.form) : ""}` : x))).size;
    });
    await page.evaluate(() => { // A page may begin in a field; the walk begins at its top.
      document.body.tabIndex = -1;
      document.body.focus();
      document.body.removeAttribute("tabindex");
    });
    const reached = new Set();
    for (let n = 0; n < stops + 60; n++) { // a field of a date has several stops of its own
      await page.keyboard.press("Tab");
      const at = await page.evaluate(() => {
        const x = document.activeElement;
        if (!x || x === document.body) return null;
        x.dataset.stop ??= String(document.querySelectorAll("[data-stop]").length);
        const box = x.closest(".line.with, .money, label:has(.hide)") ?? x;
        const style = [x, box].map((y) => getComputedStyle(y));
        return { stop: x.dataset.stop, html: x.outerHTML.slice(0, 100), visible: style.some((s) => s.outlineStyle !== "none") || box.matches(".money") };
      });
      if (!at) continue;
      if (reached.size > 1 && at.html.includes('class="skip"')) break;
      if (reached.size === 0) assert.match(at.html, /class="skip"/, `${name}: the first stop is not the way past the header`);
      assert.ok(at.visible, `${name}: nobody sees that the keyboard is at ${at.html}`);
      reached.add(at.stop);
    }
    assert.ok(reached.size >= stops, `${name}: a keyboard reaches ${reached.size} of ${stops}`);
  }
});
