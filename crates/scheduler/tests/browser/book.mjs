// Reads the book that mdBook has built in headless Chromium: every page in the light and in the dark, on a phone and on paper; every slide; and
// the speaker's window. Run by crates/docs-check/tests/browser.rs, or by hand:
// axe reads one page in twelve, and all with ALL=1; ONLY=light leaves out the dark, and ONLY=slides leaves out axe and the widths of pages.
//   npm ci && mdbook build ../../../../docs && node book.mjs ../../../../target/book [FOLDER FOR SCREENSHOTS]
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [book, shots] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const executablePath = process.env.CHROMIUM || "/usr/bin/chromium";
const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const browser = await chromium.launch({ executablePath, args });
const base = pathToFileURL(resolve(book)).href + "/";
const noise = [], strangers = [];

async function open(path, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, ...options });
  context.setDefaultTimeout(120_000); // Only what would never come runs into this, however busy the machine is.
  context.on("page", (page) => {
    page.on("pageerror", (error) => noise.push(`${path}: ${error.stack}`));
    page.on("request", (request) => { if (!request.url().startsWith(base) && !request.url().startsWith("data:")) strangers.push(request.url()); });
  });
  const page = await context.newPage();
  await page.goto(base + path);
  return page;
}
const close = (page) => page.context().close();

const pages = ["", "instructor/", "exercises/"]
  .flatMap((folder) => readdirSync(join(book, folder)).map((name) => folder + name))
  .filter((name) => name.endsWith(".html") && !/^(print|toc|404|scheduler)\./.test(name));
const chapters = pages.filter((name) => /^\d\d-/.test(name) && !name.startsWith("00-"));
assert.equal(chapters.length, 16);
assert.equal(pages.filter((name) => /^exercises\/ex\d\d-/.test(name)).length, 15);

// Each page: nothing is cut off, and nothing keeps anyone from reading it.
let blocks = 0, read_by_axe = 0;
const one_in = process.env.ALL ? 1 : 12;
for (const colorScheme of { slides: [], light: ["light"] }[process.env.ONLY] || ["light", "dark"]) {
  const page = await open(pages[0], { colorScheme });
  for (const [number, name] of pages.entries()) {
    const is_for_axe = number % one_in === 0;
    if (colorScheme === "dark" && !is_for_axe) continue;
    await page.goto(base + name);
    await page.evaluate(() => { document.querySelectorAll("main details").forEach((one) => { one.open = true; }); return document.fonts.ready; });
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    const { wide, all } = await page.evaluate(() => {
      const found = [...document.querySelectorAll("main pre > code, main .table-wrapper")].filter((one) => one.checkVisibility());
      const wide = found.filter((one) => one.scrollWidth > one.clientWidth).map((one) => `${one.scrollWidth} in ${one.clientWidth}: ${one.textContent.slice(0, 60)}`);
      return { wide, all: found.length };
    });
    assert.deepEqual(wide, [], `${name}: wider than its column at 1280 px`);
    if (colorScheme === "light") blocks += all;
    if (!is_for_axe) continue;
    read_by_axe += 1;
    await page.evaluate(axe + ";0");
    // In the dark only the colors are others.
    const rules = colorScheme === "dark" ? { runOnly: ["color-contrast", "link-in-text-block"] } : {};
    const { violations } = await page.evaluate((rules) => globalThis.axe.run(rules), rules);
    const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
    const told = serious.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => node.html.slice(0, 200)).join(" ")}`);
    assert.deepEqual(told, [], `${name}, ${colorScheme}`);
  }
  assert.ok(blocks > 100);
  // mdBook's own script is there: it colors code.
  await page.goto(base + chapters[0]);
  await page.locator("main code.hljs .hljs-keyword").first().waitFor();
  const [first] = await page.locator("#mdbook-sidebar ol.chapter > li").allInnerTexts();
  assert.match(first, /Be the scheduler/);
  for (const link of await page.locator("#mdbook-sidebar li a:visible").allInnerTexts()) assert.ok(link.trim(), "no blank row in the contents");
  await close(page);
}

// On a phone a page isn't wider than the screen, and a report is a list of steps.
const phone = await open(chapters[0], { viewport: { width: 360, height: 740 } });
for (const name of pages) {
  await phone.goto(base + name);
  const width = await phone.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= 360, `${name}: ${width} px wide on a phone of 360`);
}
await phone.goto(base + chapters[0]);
assert.ok(await phone.locator(".steps .t2").first().isVisible());
assert.ok(!(await phone.locator(".has-steps").first().isVisible()));
await close(phone);

// On paper the answers are there.
const paper = await open(chapters[0]);
// A theme that another book of this address has left behind isn't one of ours.
assert.deepEqual(await paper.locator("#mdbook-theme-list button").evaluateAll((all) => all.map((one) => one.textContent)), ["Auto", "Light", "Navy"]);
await paper.evaluate(() => localStorage.setItem("mdbook-theme", "coal"));
await paper.reload();
assert.match(await paper.evaluate(() => document.documentElement.className), /\blight\b/);
const closed = await paper.locator("main details:not([open])").count();
assert.ok(closed > 0);
await paper.evaluate(() => dispatchEvent(new Event("beforeprint")));
assert.equal(await paper.locator("main details:not([open])").count(), 0);
await paper.evaluate(() => dispatchEvent(new Event("afterprint")));
assert.equal(await paper.locator("main details:not([open])").count(), closed);
if (shots) await paper.pdf({ path: join(shots, "chapter-1.pdf") });
await paper.emulateMedia({ media: "print" });
for (const [name, words] of [[chapters[0], "Many tutorials say that this code can end"], [chapters[3], "The function releases its locks only at the end"]]) {
  await paper.goto(base + name);
  await paper.evaluate(() => dispatchEvent(new Event("beforeprint")));
  const printed = await paper.locator("main details").evaluateAll((all) => all.map((one) => one.innerText.replace(/\s+/g, " ")).join(" "));
  assert.ok(printed.includes(words), `${name}: the answer is on the paper`);
}
await paper.emulateMedia({ media: "screen" });

// The handout is one page of A4; the book gets it as a PDF too.
await paper.goto(base + "instructor/handout.html");
const handout = await paper.pdf({ path: join(book, "instructor/handout.pdf"), format: "A4", preferCSSPageSize: true });
assert.equal(handout.toString("latin1").match(/\/Type\s*\/Page\b/g).length, 1, "the handout is one page");
const lanes = await paper.locator("svg[data-lanes]").evaluateAll((all) => all.map((one) => one.children.length));
assert.ok(lanes.length === 7 && lanes.every((cells) => cells >= 8), "each of the seven bugs has its picture");

// A guess comes before its answer, and the count is kept.
await paper.goto(base + "01-race-conditions.html");
await paper.getByRole("checkbox").nth(0).check();
await paper.getByRole("checkbox").nth(2).check();
await paper.getByRole("button", { name: "Commit" }).click();
assert.match(await paper.locator(".predict [role=status]").innerText(), /^Right\. You have predicted 1 of 1 right/);
assert.ok(await paper.locator("main details").first().evaluate((one) => one.open));
await paper.goto(base + "02-atomics.html");
await paper.getByRole("button", { name: "No", exact: true }).click();
assert.match(await paper.locator(".predict [role=status]").innerText(), /the answer is yes\. You have predicted 1 of 2 right/);
// Each chapter offers a choice, and none of the choices is the right one in every chapter.
const right = {};
for (const name of chapters) {
  await paper.goto(base + name);
  assert.equal(await paper.locator(".predict").count(), 1, `${name} asks for a guess`);
  const boxes = await paper.locator(".predict input[type=checkbox]").count();
  if (boxes) {
    assert.equal(boxes, 3, `${name} offers three options`);
    await paper.getByRole("checkbox").nth(0).check();
    await paper.getByRole("button", { name: "Commit" }).click();
  } else await paper.getByRole("button", { name: "Yes", exact: true }).click();
  const told = await paper.locator(".predict [role=status]").innerText();
  const is_first = told.startsWith("Right."), of = boxes ? "option 1" : "yes";
  assert.ok(is_first || /^Not this time: (it's [123]( and [123])*\.|the answer is no\.)/.test(told), `${name}: ${told}`);
  (right[of] ||= new Set()).add(is_first);
}
assert.deepEqual([right["option 1"].size, right.yes.size], [2, 2], "the first choice is right in some chapters and wrong in others");
await close(paper);

// The film is complete at its end, in the light and in the dark, and so it is for a reader who has asked for less motion.
const film = pathToFileURL(resolve(book, "images/race-condition.svg")).href;
for (const colorScheme of ["light", "dark"]) for (const reducedMotion of ["no-preference", "reduce"]) {
  const page = await open("images/race-condition.svg", { colorScheme, reducedMotion });
  assert.equal(page.url(), film);
  const steps = await page.evaluate(() => {
    document.getAnimations().forEach((one) => { one.pause(); one.currentTime = 0.95 * one.effect.getComputedTiming().duration; });
    return { moving: document.getAnimations().length, opacities: [...document.querySelectorAll("g[class^=s]")].map((one) => getComputedStyle(one).opacity) };
  });
  assert.equal(steps.moving, reducedMotion === "reduce" ? 0 : 5);
  assert.deepEqual(steps.opacities, ["1", "1", "1", "1", "1"], `${colorScheme}, ${reducedMotion}`);
  if (shots) await page.screenshot({ path: join(shots, `film-${colorScheme}-${reducedMotion}.png`) });
  await close(page);
}

// Slides: each fits, in type for the last row, and one is shown at a time.
const room = await open(chapters[0]);
assert.equal(await room.locator("main > section").count(), 0, "without ?present a chapter is as mdBook made it");
let slides = 0;
const sparse = [];
for (const name of [...chapters, "00-setup.html", "reading-rust.html", "echo-costs.html"]) {
  await room.goto(base + name + "?present");
  await room.locator(".counter").waitFor();
  const found = await room.evaluate(() => {
    const { scrollWidth, scrollHeight } = document.documentElement, sections = [...document.querySelectorAll("main > section")];
    const shown = sections.filter((one) => one.checkVisibility()).length;
    return sections.map((section) => {
      sections.forEach((one) => { one.hidden = one !== section; });
      const small = [], walker = document.createTreeWalker(section, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        if (node.data.trim() && parseFloat(getComputedStyle(node.parentElement).fontSize) < 20) small.push(node.data.trim().slice(0, 40));
      }
      const wide = [...section.querySelectorAll("pre > code, table")].filter((one) => one.scrollWidth > one.parentElement.clientWidth + 1).map((one) => one.textContent.slice(0, 40));
      const said = [...section.children].slice(1), last = said[said.length - 1];
      const words = said.flatMap((one) => one.textContent.match(/\S+/g) || []).length, has_picture = Boolean(section.querySelector("img, svg, iframe"));
      return { little: words < 15 && !has_picture, torn: last?.nodeName === "P" && /:\s*$/.test(last.textContent), head: section.firstElementChild.textContent, tall: Math.max(section.scrollHeight, section.offsetHeight), small, wide, shown, page: [scrollWidth, scrollHeight] };
    });
  });
  for (const [at, { head, tall, small, wide, shown, little, torn, page }] of found.entries()) {
    const where = `${name}, slide ${at + 1} (${head})`;
    assert.ok(tall <= 720, `${where}: ${tall} px tall`);
    assert.deepEqual(small, [], `${where}: too small for the last row`);
    assert.deepEqual(wide, [], `${where}: cut off`);
    assert.equal(shown, 1, where);
    assert.deepEqual(page, [1280, 720], where);
    // The whole of a short section may have a slide of its own.
    if (little && found.some((other, i) => i !== at && other.head === head)) sparse.push(where);
    assert.ok(!torn, `${where}: a sentence without the block that it introduces`);
  }
  assert.deepEqual(sparse, [], "fewer than 15 words and no picture");
  slides += found.length;
  if (shots) for (const [at] of found.entries()) {
    await room.evaluate((at) => document.querySelectorAll("main > section").forEach((one, i) => { one.hidden = i !== at; }), at);
    await room.screenshot({ path: join(shots, `${name.slice(0, 2)}-${String(at + 1).padStart(2, "0")}.png`) });
  }
}
await close(room);

// Keys and clicks, across the border of a chapter and back; then blank, first, last and out.
const talk = await open("05-reentrant-lock.html?present");
const counter = () => talk.locator(".counter").innerText();
const count = Number((await counter()).split(" / ")[1]);
let at = 1;
for (const key of ["ArrowRight", "ArrowDown", "Space", "Enter", "PageDown"]) {
  await talk.keyboard.press(key);
  at += 1;
  assert.equal(await counter(), `${at} / ${count}`, key);
}
for (const key of ["ArrowLeft", "ArrowUp", "Backspace", "PageUp"]) {
  await talk.keyboard.press(key);
  at -= 1;
  assert.equal(await counter(), `${at} / ${count}`, key);
}
await talk.mouse.click(640, 600);
assert.equal(await counter(), `${at + 1} / ${count}`, "a click");
await talk.keyboard.press("b");
assert.ok(await talk.locator(".blank").isVisible());
await talk.keyboard.press("b");
assert.ok(!(await talk.locator(".blank").isVisible()));
await talk.keyboard.press("End");
assert.equal(await counter(), `${count} / ${count}`);
await talk.reload();
assert.equal(await counter(), `${count} / ${count}`, "the address names the slide");
await talk.keyboard.press("ArrowRight");
await talk.waitForURL(/06-rwlock\.html\?present/);
await talk.locator(".counter").waitFor();
assert.match(await counter(), /^1 \/ /);
await talk.keyboard.press("ArrowLeft");
await talk.waitForURL(/05-reentrant-lock\.html\?present/);
await talk.locator(".counter").waitFor();
assert.equal(await counter(), `${count} / ${count}`);
await talk.keyboard.press("Home");
assert.equal(await counter(), `1 / ${count}`);
await talk.keyboard.press("Escape");
await talk.waitForURL(/05-reentrant-lock\.html#/);
await close(talk);

// The speaker's window stays in step, in both directions, and into the next chapter.
const wall = await open("04-deadlock.html?present#predict");
const opened = wall.waitForEvent("popup");
await wall.keyboard.press("s");
const speaker = await opened;
const in_step = async (number) => {
  await wall.waitForFunction((number) => document.querySelector(".counter")?.textContent.startsWith(number + " / "), number);
  await speaker.waitForFunction((number) => document.documentElement.dataset.number === String(number), number);
  assert.match(await speaker.locator(".plan").innerText(), new RegExp(`^${number} / .* 10 min \\(\\+20 exercise\\) planned`));
};
/** The speaker sees the slide that comes next, and has to say only what isn't on this one. */
const tells_the_rest = async (number) => {
  const [shown, next] = await wall.evaluate((number) => {
    const all = [...document.querySelectorAll("main > section")];
    return [all[number - 1].textContent, all[number] ? all[number].textContent : "The end of this chapter."];
  }, number);
  assert.equal(await speaker.locator(".upcoming").evaluate((one) => one.textContent), next);
  for (const said of await speaker.locator(".said p").allTextContents()) assert.ok(!shown.includes(said), `slide ${number} shows all of: ${said}`);
};
let step = Number((await wall.locator(".counter").innerText()).split(" ")[0]);
await in_step(step);
assert.match(await speaker.locator(".notes .now").first().innerText(), /^Predict\./);
for (let change = 0; change < 20; change += 1) {
  const forth = change < 7 || change > 13;
  await (change % 2 ? wall : speaker).keyboard.press(forth ? "ArrowRight" : "ArrowLeft");
  step += forth ? 1 : -1;
  await in_step(step);
  await tells_the_rest(step);
}
const ahead = await speaker.locator(".upcoming").boundingBox();
assert.ok(ahead.height > 20 && ahead.width < 450, "the next slide is shown");
assert.match(await speaker.locator(".time").innerText(), /^\d\d:\d\d · \d+:\d\d/);
if (shots) await speaker.screenshot({ path: join(shots, "speaker.png") });
await wall.keyboard.press("End");
await wall.keyboard.press("ArrowRight");
await wall.waitForURL(/05-reentrant-lock\.html\?present/);
await speaker.waitForFunction(() => document.title.includes("Reentrant"));
await speaker.keyboard.press("ArrowRight");
await in_step(2);
await close(wall);

// From a chapter's slide to its program, which is presented too, and from a program back to its chapter.
const linked = await open("04-deadlock.html?present");
await linked.locator(".counter").waitFor();
await linked.evaluate(() => document.querySelector('main a[href*="scheduler.html"]').click());
await linked.waitForURL(/scheduler\.html\?present#/);
await close(linked);
const back = await open("scheduler.html#deadlock:");
await back.locator('a[href*="04-deadlock"]').first().evaluate((link) => link.click());
await back.waitForURL(/04-deadlock\.html/);
await back.locator("main h1").waitFor();
await close(back);
await browser.close();

assert.deepEqual(noise, [], "no error of a script");
assert.deepEqual(strangers, [], "no request to another place");
const read = blocks ? `${pages.length} pages, ${blocks} blocks and tables within their columns at 1280 px, ${read_by_axe} axe runs without a serious finding; ` : "";
console.log(`${read}${slides} slides fit 1280 x 720`);
