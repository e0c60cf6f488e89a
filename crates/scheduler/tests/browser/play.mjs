// Plays every program of the page in headless Chromium, with the keyboard alone. Run by ../browser.rs, or by hand:
//   npm ci && DOCS=../../../../docs node play.mjs ../../../../docs/scheduler.html [FOLDER FOR SCREENSHOTS]
// The book and its slides are looked at by book.mjs.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [file, shots] = process.argv.slice(2);
const { DOCS: docs } = process.env;
const url = pathToFileURL(resolve(file)).href;
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const programs = JSON.parse(readFileSync(file, "utf8").match(/<script type="application\/json" id="programs">([^]*?)<\/script>/)[1]);

const executablePath = process.env.CHROMIUM || "/usr/bin/chromium";
const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const browser = await chromium.launch({ executablePath, args });
const noise = [], requests = [], moderate = new Set();
let axe_runs = 0;

async function open(hash = "", options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.on("console", (message) => noise.push(`console ${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => noise.push(`error: ${error.stack}`));
  page.on("request", (request) => requests.push(request.url()));
  await page.goto(url + hash);
  return page;
}
const close = (page) => page.context().close();
const text = (page, id) => page.locator("#" + id).innerText();
const end_of = (page) => page.locator("#out").getAttribute("class");
const hash = (page) => page.evaluate(() => location.hash);

/** The keys of the shortest way to an end that `wanted` likes; the keys are those that the page shows. */
function keys_to(program, wanted) {
  const queue = [[0, []]], seen = new Set([0]);
  while (queue.length) {
    const [number, way] = queue.shift(), position = program.positions[number];
    if (position.e && wanted(position.e[0])) return way;
    for (const step of position.s) if (!seen.has(step[4])) { seen.add(step[4]); queue.push([step[4], [...way, step]]); }
  }
  return null;
}
const key = (step) => (step[1] ? "w" : /~[^0]/.test(step[2]) ? "a" : String(step[0]));
const schedule = (way) => way.map((step) => step[2]).join("");

async function no_serious_finding(page, where) {
  await page.evaluate(axe + ";0");
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  axe_runs += 1;
  for (const found of violations) {
    const told = `${where}: ${found.impact} ${found.id}: ${found.nodes.map((node) => node.html).slice(0, 3).join(" ")}`;
    assert.ok(found.impact !== "serious" && found.impact !== "critical", told);
    moderate.add(told);
  }
}

async function fits(page, where) {
  for (const width of [360, 768, 1280, 1600]) {
    await page.setViewportSize({ width, height: 900 });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= width, `${where}: ${wide} px wide on a screen of ${width}`);
  }
}

// Every program, reached and played with single keys.
const page = await open();
for (const [number, program] of programs.entries()) {
  if (number) await page.keyboard.press("]");
  assert.equal(await text(page, "title"), program.title);
  // Each program leads to its chapter, and the chapter back to it.
  const chapter = await page.locator("#chapter").getAttribute("href");
  assert.ok(existsSync(join(docs, chapter)), `${program.id} links to ${chapter}`);
  assert.ok(readFileSync(join(docs, chapter), "utf8").includes(`(scheduler.html#${program.id})`), `${chapter} does not link to scheduler.html#${program.id}`);
  const [good, bad, good_woken, bad_woken] = program.positions[0].w;
  for (const kind of ["bad", "good"]) {
    const way = keys_to(program, (end) => (end === "good") === (kind === "good"));
    const can_end_so = kind === "good" ? good_woken : bad_woken;
    assert.equal(way !== null, can_end_so > 0, `${program.id}: ${kind}`);
    if (!way) continue;
    await page.keyboard.press("r");
    for (const step of way) await page.keyboard.press(key(step));
    const end = await end_of(page);
    assert.equal(end === "good", kind === "good", `${program.id} ends ${end} after ${schedule(way)}`);
    assert.equal(await hash(page), `#${program.id}:${schedule(way)}`);
    assert.equal(await text(page, "schedule"), schedule(way));
    assert.equal(await page.locator("#log li").count(), way.length);
    const said = await text(page, "out");
    assert.match(said, { good: /✓ RIGHT/, wrong: /✗ WRONG/, stuck: /■ STUCK/ }[end]);
    assert.ok(said.includes(`${bad} of ${good + bad} schedule`), `${program.id}: ${said}`);

    // The shared link shows the same: in the dark, on a telephone, and on a large screen.
    const shared = await open(await hash(page), { colorScheme: "dark", viewport: { width: 360, height: 740 } });
    assert.equal(await end_of(shared), end);
    assert.equal(await text(shared, "schedule"), schedule(way));
    assert.equal(await shared.evaluate(() => getComputedStyle(document.body).backgroundColor), "rgb(21, 23, 27)");
    await no_serious_finding(shared, `${program.id}, ${kind}, dark, 360 px`);
    if (shots) await shared.screenshot({ path: `${shots}/${program.id}-${kind}-dark-360.png`, fullPage: true });
    await fits(shared, program.id);
    await close(shared);

    await page.keyboard.press("u");
    assert.equal(await text(page, "schedule"), schedule(way.slice(0, -1)), "undo takes back one step");
    await page.keyboard.press("Backspace");
    assert.equal(await text(page, "schedule"), schedule(way.slice(0, -2)));
    for (const step of way.slice(Math.max(way.length - 2, 0))) await page.keyboard.press(key(step));
    if (kind === "good") await no_serious_finding(page, `${program.id}, light`);
  }
  await page.keyboard.press("r");
  assert.equal(await text(page, "schedule"), "");
  for (const hint of [1, 2, 3]) {
    await page.keyboard.press("h");
    assert.ok((await text(page, "out")).startsWith(`Hint ${hint} of 3: `), program.id);
  }
  const plain = await text(page, "out");
  const bad_way = keys_to(program, (end) => end !== "good");
  assert.ok(bad_way ? plain.endsWith(` ${schedule(bad_way)}.`) : plain.includes("no schedule ends badly"), plain);
  await page.keyboard.press("m");
  const ends = program.positions.filter((position) => position.e).length;
  const shown = program.threads.length === 2 ? "#map text" : "#map .good, #map .wrong, #map .stuck";
  assert.equal(await page.locator(shown).count(), ends, `${program.id}: every end is on the whole map, with a label`);
  assert.equal(await page.locator("#map [data-node]").count(), program.positions.length);
  await no_serious_finding(page, `${program.id}, whole map`);
  if (shots) {
    for (const step of (bad_way || keys_to(program, () => true)).slice(0, -1)) await page.keyboard.press(key(step));
    await page.screenshot({ path: `${shots}/${program.id}-whole-light.png`, fullPage: true });
    await page.keyboard.press("r");
  }
  await page.keyboard.press("m");
}
const solved = programs.filter((program) => keys_to(program, (end) => end !== "good")).length;
assert.match(await text(page, "progress"), new RegExp(`^${solved} of ${programs.length} goals`));
await page.keyboard.press("c");
assert.match(await text(page, "out"), /is copied|address bar: file:/);
await close(page);

// A program without a bad end: seeing every state is the goal, and is told.
const proof = await open("#mutex-fix:");
for (const one of "1111") await proof.keyboard.press(one);
await proof.keyboard.press("2"); await proof.keyboard.press("2");
await proof.keyboard.press("r");
for (const one of "2211") await proof.keyboard.press(one);
assert.match(await text(proof, "out"), /You have seen every state/);
await close(proof);

// Without single keys, with Tab, Enter, Space and the keys of the browser's own controls; nothing catches the focus.
const tabbed = await open("#deadlock:");
await tabbed.locator("#keys").focus();
await tabbed.keyboard.press("Space");
await tabbed.keyboard.press("1");
assert.equal(await text(tabbed, "schedule"), "", "single keys are off");
async function tab_to(page, id) {
  await page.evaluate(() => document.activeElement.blur());
  for (let i = 0; i < 40; i += 1) {
    await page.keyboard.press("Tab");
    if (await page.evaluate(() => document.activeElement.id) === id) return;
  }
  assert.fail(`Tab does not come to ${id}`);
}
await tab_to(tabbed, "step1");
await tabbed.keyboard.press("Enter");
assert.equal(await tabbed.evaluate(() => document.activeElement.id), "step1", "the focus stays");
await tab_to(tabbed, "step2");
await tabbed.keyboard.press("Space");
assert.equal(await end_of(tabbed), "stuck");
await tabbed.keyboard.press("Enter");
assert.match(await text(tabbed, "out"), /Bob cannot go on: it waits for the lock Ann's account, which Ann holds/);
const current = await tabbed.locator('#map [aria-current="true"]').getAttribute("id");
await tab_to(tabbed, current);
assert.equal(await tabbed.locator('#map [tabindex="0"]').count(), 1, "one node can be tabbed to");
await tabbed.keyboard.press("ArrowUp");
await tabbed.keyboard.press("Enter");
assert.equal(await text(tabbed, "schedule"), "1", "an arrow and Enter go back on the map");
assert.match(await tabbed.evaluate(() => document.activeElement.getAttribute("aria-label")), /Ann after 1 step, Bob after 0 steps: you are here/);
await tabbed.keyboard.press("Home");
await tabbed.keyboard.press("Enter");
assert.equal(await text(tabbed, "schedule"), "");
await tabbed.keyboard.press("Tab");
assert.ok(await tabbed.evaluate(() => !document.activeElement.closest("#map")), "Tab leaves the map");
await tabbed.keyboard.press("Shift+Tab");
assert.ok(await tabbed.evaluate(() => document.activeElement.closest("#map") !== null), "and comes back");
const before = await tabbed.evaluate(() => scrollY);
await tabbed.evaluate(() => document.activeElement.blur());
await tabbed.setViewportSize({ width: 360, height: 400 });
await tabbed.keyboard.press("ArrowDown");
await tabbed.waitForFunction((y) => scrollY > y, before); // elsewhere, arrows scroll as ever
await close(tabbed);

// Three threads: the list is walked in the same way.
const three = await open("#philosophers:12");
await three.locator('#map [aria-current="true"]').focus();
await three.keyboard.press("ArrowDown");
await three.keyboard.press("Enter");
assert.equal((await text(three, "schedule")).length, 3);
await close(three);

// A step with a choice has a key for each.
const choice = await open("#stolen-item:11223");
assert.match(await text(choice, "step3"), /Ann is the one/);
assert.match(await text(choice, "extra-a"), /Bob is the one/);
await choice.keyboard.press("a");
assert.equal(await text(choice, "schedule"), "112233~1");
assert.match(await text(choice, "out"), /Bob is the one/);
await no_serious_finding(choice, "a choice");
await close(choice);

// A link that does not fit, reduced motion, print.
const wrong = await open("#deadlock:1222");
assert.match(await text(wrong, "out"), /does not fit/);
await wrong.evaluate(() => { location.hash = "#if-for-while:111%2112%"; });
await wrong.waitForFunction(() => document.getElementById("schedule").textContent === "111!12");
await wrong.emulateMedia({ reducedMotion: "reduce" });
assert.equal(await wrong.evaluate(() => getComputedStyle(document.querySelector(".thread")).transitionDuration), "0s");
await wrong.emulateMedia({ media: "print" });
assert.ok(await wrong.locator("#tools").isHidden());
assert.ok(await wrong.locator("#source").isVisible() && await wrong.locator("#map svg").isVisible());
if (shots) await wrong.pdf({ path: `${shots}/print.pdf` });
await close(wrong);

// On a projector: on one screen of 1280 x 720, nothing but the map's own labels is smaller than 28 px.
async function is_for_a_room(page, where) {
  const { wide, small } = await page.evaluate(() => {
    const small = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const parent = node.parentElement, size = parseFloat(getComputedStyle(parent).fontSize);
      const is_shown = node.data.trim() && parent.checkVisibility() && !parent.closest("svg, script, style, .heard, .skip");
      if (is_shown && size < 28) small.push(`${size} px: ${node.data.trim().slice(0, 40)}`);
    }
    return { wide: document.documentElement.scrollWidth, small };
  });
  assert.ok(wide <= 1280, `${where}: ${wide} px wide on a projector of 1280`);
  assert.deepEqual(small, [], `${where}: too small for the last row`);
}
const room = { viewport: { width: 1280, height: 720 } };
const projected = await open("?present", room);
for (const [number, program] of programs.entries()) {
  if (number) await projected.keyboard.press("]");
  assert.equal(await text(projected, "title"), program.title);
  const way = keys_to(program, (end) => end !== "good") || keys_to(program, () => true);
  for (const [taken, step] of way.entries()) {
    await is_for_a_room(projected, `${program.id} after ${taken} steps`);
    await projected.keyboard.press(key(step));
  }
  await is_for_a_room(projected, `${program.id} at its end`);
  const tall = await projected.evaluate(() => document.documentElement.scrollHeight);
  assert.ok(tall <= 720, `${program.id}: ${tall} px tall on a projector of 720`);
  for (const id of ["goal", "source", "map", "out"]) assert.ok(await projected.locator("#" + id).isVisible(), `${program.id}: #${id} is not shown`);
  assert.ok(await projected.evaluate(() => location.search === "?present" && location.hash.length > 2));
  await no_serious_finding(projected, `${program.id}, presented`);
  if (shots) await projected.screenshot({ path: `${shots}/${program.id}-present.png` });
}
await close(projected);

// How long it takes to open. Measured, not asserted: it depends on the machine.
const times = [];
for (let i = 0; i < 5; i += 1) {
  const fresh = await open();
  times.push(await fresh.evaluate(() => performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd));
  await close(fresh);
}
await browser.close();

assert.deepEqual(noise, [], "nothing on the console");
const others = requests.filter((request) => ![url, "data:"].some((own) => request.startsWith(own)));
assert.deepEqual(others, [], "no request but for the page itself");
for (const told of moderate) console.log("axe, not serious: " + told);
times.sort((a, b) => a - b);
console.log(`${programs.length} programs played; ${axe_runs} axe runs without a serious finding; opens in ${Math.round(times[2])} ms (median of 5, ${Math.round(times[4])} at most)`);
