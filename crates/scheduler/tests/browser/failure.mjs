// Steps through the pages of failing checks in headless Chromium. Run by ../failure.rs, which says on standard input what each
// page has to show: [{ file, headline, details, reason, likely, run, whole }].
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [shots] = process.argv.slice(2);
const wanted = JSON.parse(readFileSync(0, "utf8"));
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const executablePath = process.env.CHROMIUM || "/usr/bin/chromium";
const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const browser = await chromium.launch({ executablePath, args });
const noise = [], requests = [];
let pages = 0;
/** Of a longer run, only the first steps are taken one by one. */
const SHORT = 8;
const words = (text) => text.split(/\s+/).filter(Boolean).join(" ");

async function open(file, options) {
  pages += 1;
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  page.on("console", (message) => noise.push(message.text()));
  page.on("pageerror", (error) => noise.push(error.message));
  page.on("request", (request) => requests.push(request.url()));
  await page.goto(pathToFileURL(file).href);
  return page;
}

const text = async (page, id) => words(await page.locator("#" + id).innerText());

/** The last state says what the report says. */
async function is_at_the_failure(page, one) {
  assert.ok((await text(page, "out")).includes(words(one.headline)), `${one.file}: ${await text(page, "out")}`);
  assert.equal(await text(page, "headline"), words(one.headline));
  assert.equal(words(await page.locator("#details").textContent()), words(one.details));
  assert.equal(words(await page.locator("#reason").innerText()), words(one.reason));
  assert.equal(await text(page, "likely"), words(one.likely));
  assert.equal(await text(page, "count"), `${one.run} of ${one.run}`);
  assert.match(await page.locator("#out").getAttribute("class"), /wrong|stuck/);
}

async function no_finding(page, where) {
  await page.addScriptTag({ content: axe });
  const { violations } = await page.evaluate(() => axe.run());
  assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`), [], where);
}

for (const [number, one] of wanted.entries()) {
  // By keyboard, step by step; of a long run, the first steps and then its end.
  const page = await open(one.file);
  for (let k = 0; k < Math.min(one.run, SHORT); k += 1) {
    assert.equal(await text(page, "count"), `${k} of ${one.run}`);
    await page.keyboard.press("ArrowRight");
    if (!(await page.locator("#out").innerText()).includes("goes on")) assert.equal(await page.locator(".did").count(), 1, `${one.file}: the line of step ${k + 1}`);
  }
  await page.keyboard.press("End");
  await is_at_the_failure(page, one);
  assert.ok(await page.evaluate(() => document.documentElement.scrollHeight <= innerHeight && document.documentElement.scrollWidth <= innerWidth), `${one.file} fits its screen`);
  if (shots) await page.screenshot({ path: join(shots, `failure-${number}.png`) });
  if (number < 1) await no_finding(page, one.file);
  await page.keyboard.press("Home");
  assert.equal(await text(page, "count"), `0 of ${one.run}`);
  if (one.run) {
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowLeft");
    assert.equal(await text(page, "count"), `0 of ${one.run}`);
  }
  await page.context().close();

  // By touch, on a phone in the dark; one page in three.
  if (number % 3) continue;
  const phone = await open(one.file, { colorScheme: "dark", viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });
  for (let k = 0; k < Math.min(one.run, SHORT); k += 1) await phone.locator("#next").tap();
  if (one.run > SHORT) await phone.locator("#steps button").last().tap();
  await is_at_the_failure(phone, one);
  assert.ok(await phone.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${one.file} fits a phone's width`);
  if (number < 1) await no_finding(phone, `${one.file} on a phone`);
  await phone.context().close();
}

// Off the failing run and back: two guests one after the other pass.
const lost = wanted.find(({ file }) => file.includes("loses_an_update"));
const page = await open(lost.file);
await page.keyboard.press("ArrowRight");
const first = await page.evaluate(() => JSON.parse(document.getElementById("failure").textContent).positions[0].s[0][0]);
await page.keyboard.press(String(first));
assert.match(await text(page, "out"), /You have left the failing run/);
await page.locator("#rejoin").click();
assert.equal(await text(page, "count"), `1 of ${lost.run}`);
await page.keyboard.press(String(first));
for (let k = 0; k < 3; k += 1) await page.keyboard.press("ArrowRight");
assert.match(await text(page, "out"), /This interleaving passes/);
await page.locator("#reason .link").first().click();
assert.equal(await text(page, "count"), `1 of ${lost.run}`, "a step that the reason names");
await page.locator("#show-steps").click();
await page.locator("#steps button").last().click();
assert.match(await text(page, "out"), /a visit is lost/);
await page.context().close();
await browser.close();

assert.deepEqual(noise, [], "nothing on the console");
assert.ok(requests.every((url) => url.startsWith("file:") || url === "data:,"), requests.join());
assert.equal(requests.filter((url) => url.startsWith("file:")).length, pages, "no request but for the page itself");
console.log(`${wanted.length} failing checks stepped through in a browser`);
