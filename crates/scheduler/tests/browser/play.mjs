// Plays every level of the page in headless Chromium, with the keyboard alone and by touch. Run by ../browser.rs, or by hand:
//   npm ci && DOCS=../../../../docs node play.mjs ../../../../docs/scheduler.html [FOLDER FOR SCREENSHOTS]
// Every level is won with the keyboard and by touch, and fits each screen and a frame. As a link, as a whole map and in a room,
// it is one level of each kind; ALL=1 takes all. With QUICK=1, only the campaign and one phone are played.
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
const noise = [], requests = [];
let axe_runs = 0;
const begun = Date.now(), stage = (name) => { if (process.env.STAGES) console.error(`${Math.round((Date.now() - begun) / 1000)} s: ${name}`); };

async function open(hash = "", options = {}) {
  const { kept = '{"levels":{},"coached":true}', ...others } = options;
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...others });
  // What an earlier visit has kept; nothing for a first visit.
  await context.addInitScript((kept) => { if (kept && !localStorage.getItem("be-the-scheduler")) localStorage.setItem("be-the-scheduler", kept); }, kept);
  const page = await context.newPage();
  page.setDefaultTimeout(120_000); // a busy machine is slow, not wrong
  page.on("console", (message) => noise.push(`console ${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => noise.push(`error: ${error.stack}`));
  page.on("request", (request) => requests.push(request.url()));
  await page.goto(hash.includes("://") ? hash : url + hash);
  return page;
}
const close = (page) => page.context().close();
const text = (page, id) => page.locator("#" + id).innerText();
const told = (page, id) => page.locator("#" + id).textContent();
const end_of = (page) => page.locator("#out").getAttribute("class");
const hash = (page) => page.evaluate(() => location.hash);

/** Whether the end reaches a part of the goal, `[words, when, what]`. */
function reaches([, when, what], { e, t }) {
  if (!e || when === "everything") return false;
  if (when === "good") return e[0] === "good";
  return e[0] !== "good" && (when === "bad" || t[what - 1][1] < 0);
}

/** The shortest way to a position that `wanted` likes. */
function way_to(program, wanted) {
  const queue = [[0, []]], seen = new Set([0]);
  for (const [number, way] of queue) {
    if (wanted(program.positions[number], number)) return way;
    for (const step of program.positions[number].s) if (!seen.has(step[4])) { seen.add(step[4]); queue.push([step[4], [...way, step]]); }
  }
  return null;
}
const way_to_end = (program, good) => way_to(program, ({ e }) => e && (e[0] === "good") === good);
const proves = (program) => program.parts[0][1] === "everything";

/** Runs from the start that together visit every position. */
function runs_through_everything(program) {
  const left = new Set(program.positions.keys()), runs = [];
  while (left.size) {
    const run = way_to(program, (_, number) => left.has(number));
    for (let number = run.length ? run[run.length - 1][4] : 0; ;) {
      const steps = program.positions[number].s;
      if (!steps.length) break;
      const step = steps.find((one) => left.has(one[4])) || steps[0];
      run.push(step);
      number = step[4];
    }
    left.delete(0);
    const fresh = run.map((step) => left.delete(step[4]));
    // The last run ends where the last position is seen: there the proof is complete.
    runs.push(left.size ? run : run.slice(0, fresh.lastIndexOf(true) + 1));
  }
  return runs;
}

/** The keys of a way, as the page gives them out: a letter where a thread has a choice. */
function keys_of(program, way) {
  let number = 0;
  return way.map((step) => {
    const letters = [..."abde"], wakes = [..."wxyz"], used = new Set();
    const keys = program.positions[number].s.map((one) => {
      const key = one[1] ? wakes.shift() : used.has(one[0]) ? letters.shift() : String(one[0]);
      used.add(one[0]);
      return key;
    });
    const key = keys[program.positions[number].s.indexOf(step)];
    number = step[4];
    return key;
  });
}
const schedule = (way) => way.map((step) => step[2]).join("");

async function no_finding(page, where) {
  await page.evaluate(axe + ";0");
  const { violations } = await page.evaluate(() => globalThis.axe.run({ resultTypes: ["violations"] }));
  axe_runs += 1;
  assert.deepEqual(violations.map(({ impact, id, nodes }) => `${impact} ${id}: ${nodes.map((node) => node.html).slice(0, 3).join(" ")}`), [], where);
}

async function play(page, program, way, press = (key) => page.keyboard.press(key)) {
  for (const key of keys_of(program, way)) await press(key);
}

/** One level of each world, and of each number of threads: what axe looks at is the same in the others. */
const is_first_of_its_kind = ({ id, world, threads }) => programs.find((one) => one.world === world && one.threads.length === threads.length).id === id;

const chosen = programs.filter((program) => process.env.ALL || is_first_of_its_kind(program));

/** Where every button is, and the place that is kept for one; it has to stay there. */
const places = (page) => page.evaluate(() => [...document.querySelectorAll(".runs > button, .slot, #tools button, #top button")].map((button) => { const { x, y, width, height } = button.getBoundingClientRect(); return [button.id || button.dataset.key, x, y, width, height].join(" "); }));
const is_one_screen = async (page, where) => assert.ok(await page.evaluate(() => document.documentElement.scrollHeight <= innerHeight && document.documentElement.scrollWidth <= innerWidth), `${where}: it doesn't fit its screen`);

/** The goal and its parts can be read, wherever they are. */
async function shows_its_goal(page, where) {
  const cut = await page.evaluate(() => {
    const brief = document.getElementById("brief").getBoundingClientRect();
    return ["goal", "parts"].map((id) => document.getElementById(id)).filter((one) => one.textContent && one.checkVisibility()).filter((one) => {
      const { left, right, top, bottom } = one.getBoundingClientRect();
      return left < brief.left - 1 || right > brief.right + 1 || top < brief.top - 1 || bottom > brief.bottom + 1 || one.scrollWidth > one.clientWidth + 1;
    }).map((one) => one.textContent);
  });
  assert.deepEqual(cut, [], `${where}: the goal is cut`);
}

/** Presses Tab until the element is reached. */
async function tab_to(page, id, from_start = true) {
  if (from_start) await page.evaluate(() => document.activeElement.blur());
  for (let i = 0; i < 60; i += 1) {
    await page.keyboard.press("Tab");
    if (await page.evaluate(() => document.activeElement.id) === id) return;
  }
  assert.fail(`Tab does not come to ${id}`);
}

const answer = (program) => { const [good, bad] = program.positions[0].w.slice(2); return proves(program) ? good + bad : bad; };
const runs_of = (program) => proves(program) ? runs_through_everything(program) : program.parts.map((part) => way_to(program, (position) => reaches(part, position)));
const phone = { colorScheme: "dark", viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
const { QUICK } = process.env;

stage("the campaign");
// The campaign, won from the first level to the last, with single keys alone.
const page = await open(), won = [];
/** A proof of many states takes long. */
const is_long = (program) => proves(program) && program.positions.length > 30;
for (const [number, program] of programs.entries()) {
  assert.equal(await text(page, "title"), program.title, "the next level opens");
  const chapter = await page.locator("#chapter").getAttribute("href");
  assert.ok(existsSync(join(docs, chapter)), `${program.id} links to ${chapter}`);
  const [good, bad] = program.positions[0].w.slice(2);
  const before = await places(page);
  await is_one_screen(page, program.id);
  await shows_its_goal(page, program.id);
  const had = await text(page, "progress");
  if (QUICK && !chosen.includes(program)) await page.locator("#guessed").focus();
  else await tab_to(page, "guessed");
  await page.keyboard.type(String(answer(program)));
  await page.keyboard.press("Enter");
  assert.equal(await text(page, "progress"), had, `${program.id}: a star for the guess would tell the answer`);
  const runs = QUICK && is_long(program) ? [] : runs_of(program);
  for (const [i, way] of runs.entries()) {
    await page.keyboard.press("r");
    for (const key of keys_of(program, way)) {
      await page.keyboard.press(key);
    }
    assert.deepEqual(await places(page), before, `${program.id}: no button moves`);
    assert.equal(await hash(page), `#${program.id}:${schedule(way)}`);
    assert.equal(await told(page, "schedule"), schedule(way));
    assert.equal(await page.locator("#log li").count(), way.length);
    if (i < runs.length - 1) assert.ok(await page.locator("#win").isHidden(), `${program.id}: a part of the goal isn't the goal`);
  }
  if (!runs.length) {
    await page.keyboard.press("]");
    continue;
  }
  won.push(program);
  assert.ok(await page.locator("#win").isVisible(), `${program.id} is won`);
  assert.equal(await page.locator("#win-stars .got").count(), 3, `${program.id}: the goal, the shortest way and the guess`);
  const win = await text(page, "win-text");
  assert.match(win, proves(program) ? /You have seen every interleaving: there is no bad one\./ : /You broke it!/);
  assert.ok(win.includes(`${bad} of ${good + bad} interleavings`), `${program.id}: ${win}`);
  if (!proves(program)) assert.match(win, /yours is the shortest/);
  if (program.fix) {
    await page.keyboard.press("f");
    assert.equal(await text(page, "title"), programs.find((one) => one.id === program.fix).title);
    await page.evaluate((id) => { location.hash = id; }, program.id);
    await page.waitForFunction((title) => document.getElementById("title").textContent === title, program.title);
  }
  if (number < programs.length - 1) await page.keyboard.press("n");
}
assert.match(await text(page, "progress"), new RegExp(`^${won.length} of ${programs.length} levels · ★ ${3 * won.length}$`));
stage("progress");
// A reload keeps it, a link carries it, and forgetting forgets it.
await page.reload();
assert.match(await text(page, "progress"), new RegExp(`★ ${3 * won.length}$`));
await page.keyboard.press("l");
assert.equal(await page.locator("#worlds li").count(), programs.length);
await no_finding(page, "the levels");
// Where there is no clipboard, the page shows the link.
await page.evaluate(() => Object.defineProperty(navigator, "clipboard", { value: undefined }));
await page.locator("#export").click();
const [, exported] = (await text(page, "levels-said")).match(/^Copy this link: (\S+)$/);
assert.equal(exported.split("#")[1].split("+").length, won.length);
const link = exported.slice(exported.indexOf("#"));
await page.locator("#forget").click();
await page.keyboard.press("Escape");
await page.locator("#levels").waitFor({ state: "hidden" });
assert.match(await text(page, "progress"), /★ 0$/);
await close(page);
const imported = await open(link);
assert.match(await text(imported, "progress"), new RegExp(`★ ${3 * won.length}$`), "a link brings the stars");
assert.match(await text(imported, "out"), new RegExp(`${won.length} levels`));
await close(imported);
const mixed = await open("#done=deadlock.1+no-such-level.7", { kept: '{"levels":{"deadlock":{"stars":2,"told":true},"event":{"stars":1,"told":false}},"coached":true}' });
assert.match(await text(mixed, "progress"), /2 of .*★ 3$/, "stars are added, none is lost");
await close(mixed);
const broken = await open("", { kept: "not JSON" });
assert.match(await text(broken, "progress"), /★ 0/);
await close(broken);

stage("touch");
// The campaign by touch, on a phone in the dark.
const touched = await open("#" + programs[0].id + ":", phone);
for (const [number, program] of programs.entries()) {
  assert.equal(await text(touched, "title"), program.title);
  await is_one_screen(touched, `${program.id} on a phone`);
  await shows_its_goal(touched, `${program.id} on a phone`);
  const small = await touched.evaluate(() => [...document.querySelectorAll("button, input")].filter((one) => one.checkVisibility() && one.type !== "checkbox").filter((one) => { const { width, height } = one.getBoundingClientRect(); return width < 44 || height < 44; }).map((one) => one.outerHTML));
  assert.deepEqual(small, [], `${program.id}: too small for a finger`);
  assert.equal(await touched.locator("kbd:visible").count(), 0, "no hint at keys that aren't there");
  const before = await places(touched);
  for (const way of QUICK && proves(program) ? [way_to_end(program, true)] : runs_of(program)) {
    await touched.locator('#tools [data-key="r"]').tap();
    for (const key of keys_of(program, way)) await touched.locator(`#threads [data-key="${key}"]`).tap();
    assert.deepEqual(await places(touched), before, `${program.id}: no button moves under a finger`);
  }
  if (!QUICK || !proves(program)) assert.ok(await touched.locator("#win").isVisible(), `${program.id} is won by touch`);
  if (number === programs.length - 1) break;
  if (await touched.locator("#win").isVisible()) await touched.locator("#next").tap();
  else await touched.locator('#top [data-key="]"]').tap();
}
// The map has a screen of its own there, and each state is large enough.
if (await touched.locator("#win").isVisible()) await touched.locator("#stay").tap();
await touched.locator("#open-map").tap();
const states = await touched.locator("#map [data-node]").evaluateAll((all) => all.map((one) => one.lastElementChild.getBoundingClientRect().width));
assert.ok(states.length && states.every((width) => width >= 44), `states of ${states.join()} px`);
await no_finding(touched, "the map on a phone");
await touched.locator("#n0").tap();
assert.equal(await told(touched, "schedule"), "", "a tap on the first state leads back to the start");
assert.ok(await touched.locator("#map-dialog").isHidden());
await close(touched);
if (QUICK) await finish(`${won.length} of ${programs.length} levels won by keyboard, all played by touch`);

stage("links");
// Levels as links: both kinds of ends, in the dark, on a phone.
for (const program of chosen) {
  for (const good of [true, false]) {
    const way = way_to_end(program, good), [good_ways, bad_ways] = program.positions[0].w.slice(2);
    assert.equal(way !== null, (good ? good_ways : bad_ways) > 0, program.id);
    if (!way) continue;
    const shared = await open(`#${program.id}:${schedule(way)}`, phone);
    const end = await end_of(shared);
    assert.equal(end === "good", good, `${program.id} ends ${end} after ${schedule(way)}`);
    assert.equal(await told(shared, "schedule"), schedule(way));
    assert.match(await told(shared, "out"), { good: /✓/, wrong: /✗/, stuck: /■/ }[end]);
    assert.match(await told(shared, "progress"), /★ 0$/, "a link wins nothing");
    if (good === proves(program)) await no_finding(shared, `${program.id}, dark, 360 px`);
    await is_one_screen(shared, `${program.id} on a phone`);
    if (shots) await shared.screenshot({ path: `${shots}/${program.id}-${good ? "good" : "bad"}-dark-360.png` });
    await close(shared);
  }
}

stage("other screens");
for (const [width, height] of [[1024, 700], [900, 800], [861, 700], [360, 640]]) {
  const other = await open("#" + programs[0].id + ":", { viewport: { width, height } });
  for (const program of programs) {
    await is_one_screen(other, `${program.id} at ${width} by ${height}`);
    await shows_its_goal(other, `${program.id} at ${width} by ${height}`);
    await other.keyboard.press("]");
  }
  await close(other);
}

stage("tools");
// What the tools do.
const tools = await open("#race-condition:");
await tools.keyboard.press("u");
assert.match(await text(tools, "out"), /Nothing to undo/);
await play(tools, programs[0], way_to_end(programs[0], false).slice(0, 3));
const taken = await told(tools, "schedule");
assert.match(await tools.locator(".saw mark").innerText(), /^stale: now 300$/, "what was read is stale");
assert.match(await text(tools, "shared"), /balance\s+300\s+paid out\s+700/);
await tools.keyboard.press("u");
assert.equal(await told(tools, "schedule"), taken.slice(0, -1), "undo takes back one step");
await tools.keyboard.press("Backspace");
assert.equal(await told(tools, "schedule"), taken.slice(0, -2));
await tools.keyboard.press("r");
for (const number of [1, 2, 3]) {
  await tools.keyboard.press("h");
  assert.ok((await text(tools, "out")).startsWith(`Hint ${number} of 3: `));
}
assert.ok((await text(tools, "out")).endsWith(` ${schedule(way_to_end(programs[0], false))}.`));
await tools.keyboard.press("c");
assert.match(await text(tools, "out"), /is copied|Copy this link: file:/);
await tools.keyboard.press("g");
assert.match(await text(tools, "out"), /the star for the guess is lost/);
assert.ok(await tools.locator("#chance").isHidden(), "a warning comes first");
await tools.keyboard.press("g");
assert.match(await text(tools, "coin"), /✓ \d+ good\s+✗ \d+ bad of 100 runs/);
await no_finding(tools, "chance");
await tools.locator("#again").click();
assert.match(await text(tools, "quiet"), /of 200 runs/);
await tools.keyboard.press("Escape");
await tools.locator("#chance").waitFor({ state: "hidden" });
await tools.keyboard.press("i");
await tools.locator("#more").waitFor();
await no_finding(tools, "more");
await tools.keyboard.press("Escape");
await close(tools);
for (const program of chosen) {
  const whole = await open(`#${program.id}:`);
  await whole.keyboard.press("m");
  await whole.keyboard.press("m"); // the first one warns
  assert.equal(await whole.locator("#map text").count(), program.positions.filter((position) => position.e).length, `${program.id}: every end is on the map, with a label`);
  assert.equal(await whole.locator("#map [data-node]").count(), program.positions.length);
  if (is_first_of_its_kind(program)) await no_finding(whole, `${program.id}, whole map`);
  if (shots) await whole.screenshot({ path: `${shots}/${program.id}-whole-light.png` });
  await close(whole);
}
const guessed = await open("#deadlock:");
await guessed.locator("#guessed").fill("4");
await guessed.keyboard.press("Enter");
assert.equal(await text(guessed, "progress").then((told) => told.slice(-1)), "0");
await guessed.reload();
assert.match(await text(guessed, "guess-told"), /You guessed 4\./, "a guess is kept");
for (const key of "r12") await guessed.locator("#play").press(key);
assert.match(await text(guessed, "guess-told"), /You guessed 4: 2 of 4 interleavings get stuck/);
assert.equal(await guessed.locator("#win-stars .got").count(), 2, "a wrong guess is no star");
await close(guessed);

stage("coach marks");
// Three coach marks at the first visit, and never again.
for (const options of [{}, phone]) {
  const first = await open("", { ...options, kept: null });
  for (const number of [1, 2, 3]) {
    assert.match(await text(first, "coach-number"), new RegExp(`${number} of 3`));
    const box = await first.locator("#coach").boundingBox(), size = first.viewportSize();
    assert.ok(box.x >= 0 && box.y >= 0 && box.x + box.width <= size.width && box.y + box.height <= size.height, "the mark is on the screen");
    await no_finding(first, `coach mark ${number}`);
    if (shots) await first.screenshot({ path: `${shots}/coach-${number}-${size.width}.png` });
    await first.locator("#coach-next").click();
  }
  assert.ok(await first.locator("#coach").isHidden());
  await first.reload();
  assert.ok(await first.locator("#coach").isHidden(), "never again");
  await close(first);
}

stage("Tab and Enter");
// Without single keys, with Tab, Enter, Space and the keys of the browser's own controls; nothing catches the focus.
const tabbed = await open("#deadlock:");
await tabbed.keyboard.press("i");
await tabbed.locator("#keys").focus();
await tabbed.keyboard.press("Space");
await tabbed.keyboard.press("Escape");
await tabbed.locator("#more").waitFor({ state: "hidden" });
await tabbed.keyboard.press("1");
assert.equal(await told(tabbed, "schedule"), "", "single keys are off");
await tab_to(tabbed, "step1");
await tabbed.keyboard.press("Enter");
assert.equal(await tabbed.evaluate(() => document.activeElement.id), "step1", "the focus stays");
await tab_to(tabbed, "step2");
await tabbed.keyboard.press("Space");
assert.equal(await end_of(tabbed), "stuck");
await tabbed.keyboard.press("Escape");
await tab_to(tabbed, "step2");
await tabbed.keyboard.press("Enter");
assert.match(await text(tabbed, "out"), /Bob can't continue: it waits for the lock Ann's account, which Ann holds/);
const current = await tabbed.locator('#map [aria-current="true"]').getAttribute("id");
await tab_to(tabbed, current);
assert.equal(await tabbed.locator('#map [tabindex="0"]').count(), 1, "one node can be tabbed to");
await tabbed.keyboard.press("ArrowUp");
await tabbed.keyboard.press("Enter");
assert.equal(await told(tabbed, "schedule"), "1", "an arrow and Enter go back on the map");
assert.match(await tabbed.evaluate(() => document.activeElement.getAttribute("aria-label")), /Ann after 1 step, Bob after 0 steps: you are here/);
await tabbed.keyboard.press("Home");
await tabbed.keyboard.press("Enter");
assert.equal(await told(tabbed, "schedule"), "");
await tabbed.keyboard.press("Tab");
assert.ok(await tabbed.evaluate(() => !document.activeElement.closest("#map")), "Tab leaves the map");
await close(tabbed);

// Three threads: the map is walked in the same way.
const three = await open("#philosophers:12");
await three.locator('#map [aria-current="true"]').focus();
await three.keyboard.press("ArrowDown");
await three.keyboard.press("Enter");
assert.equal((await told(three, "schedule")).length, 3);
await close(three);

// A step with a choice has a key for each.
const choice = await open("#stolen-item:11223");
assert.match(await text(choice, "step3"), /Wakes Ann/);
assert.match(await text(choice, "extra-a"), /or wakes Bob/);
await choice.keyboard.press("a");
assert.equal(await told(choice, "schedule"), "112233~1");
assert.match(await text(choice, "out"), /Bob is the one/);
await no_finding(choice, "a choice");
await close(choice);

// 200 % zoom is half as many pixels: it scrolls, and nothing is cut off or too wide.
const zoomed = await open("#lost-wakeup:112", { viewport: { width: 640, height: 400 } });
assert.ok(await zoomed.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
for (const id of ["goal", "step1", "step2", "out"]) assert.ok(await zoomed.evaluate((id) => { const box = document.getElementById(id).getBoundingClientRect(); return box.height > 12 && box.right <= innerWidth; }, id), `${id} at 200 %`);
await no_finding(zoomed, "200 %");
await close(zoomed);

// A link that does not fit, reduced motion, print.
const wrong = await open("#deadlock:1222");
assert.match(await text(wrong, "out"), /doesn't fit/);
await wrong.evaluate(() => { location.hash = "#if-for-while:111%2112%"; });
await wrong.waitForFunction(() => document.getElementById("schedule").textContent === "111!12");
await wrong.emulateMedia({ media: "print" });
assert.ok(await wrong.locator("#tools").isHidden());
assert.ok(await wrong.locator("#code1").isVisible() && await wrong.locator("#map svg").isVisible() && await wrong.locator("#log").isVisible());
if (shots) await wrong.pdf({ path: `${shots}/print.pdf` });
await close(wrong);
const still = await open("#deadlock:12", { reducedMotion: "reduce", forcedColors: "active" });
assert.equal(await still.evaluate(() => getComputedStyle(document.getElementById("win")).animationName), "none");
await close(still);

stage("a frame");
// In a frame of a chapter, on a desk and on a phone: small, and one screen.
for (const [width, height, options] of [[750, 540, {}], [328, 660, { hasTouch: true, isMobile: true }]]) {
  const embedded = await open("?embed#" + programs[0].id + ":", { viewport: { width, height }, ...options });
  for (const { id } of programs) {
    await embedded.evaluate((id) => { location.hash = id; }, id);
    await embedded.waitForFunction((id) => document.getElementById("whole-game").href.endsWith("#" + id), id);
    const where = `${id} in a frame of ${width} px`;
    await is_one_screen(embedded, where);
    await shows_its_goal(embedded, where);
    const low = await embedded.evaluate(() => Math.min(...[...document.querySelectorAll(".code")].map((code) => code.clientHeight)));
    assert.ok(low >= 34, `${where}: the code is ${low} px high`);
  }
  for (const id of ["goal", "code1", "step1", "step2", "out", "whole-game"]) assert.ok(await embedded.locator("#" + id).isVisible(), `#${id} in a frame`);
  await no_finding(embedded, "embedded");
  await close(embedded);
}

stage("a room");
// On a projector: one screen of 1280 x 720, and nothing but code and the map's own labels is smaller than 28 px.
async function is_for_a_room(page, where, least_code = 20) {
  const { wide, small } = await page.evaluate((least_code) => {
    const small = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const parent = node.parentElement, size = parseFloat(getComputedStyle(parent).fontSize);
      const is_shown = node.data.trim() && parent.checkVisibility() && !parent.closest("svg, script, style, .skip");
      if (is_shown && size < (parent.closest("pre, .block") ? least_code : 28)) small.push(`${size} px: ${node.data.trim().slice(0, 40)}`);
    }
    return { wide: document.documentElement.scrollWidth, small };
  }, least_code);
  assert.ok(wide <= 1280, `${where}: ${wide} px wide on a projector of 1280`);
  assert.deepEqual(small, [], `${where}: too small for the last row`);
}
const room = { viewport: { width: 1280, height: 720 } };
const projected = await open("?present", room);
for (const [number, program] of programs.entries()) {
  if (number) await projected.keyboard.press("]");
  if (!chosen.includes(program)) continue;
  assert.equal(await told(projected, "title"), program.title);
  const way = way_to_end(program, false) || way_to_end(program, true);
  for (const [taken, key] of keys_of(program, way).entries()) {
    await is_for_a_room(projected, `${program.id} after ${taken} steps`);
    await projected.keyboard.press(key);
  }
  await is_for_a_room(projected, `${program.id} at its end`);
  await is_one_screen(projected, `${program.id} on a projector`);
  for (const id of ["goal", "code1", "map", "out"]) assert.ok(await projected.locator("#" + id).isVisible(), `${program.id}: #${id} is not shown`);
  assert.ok(await projected.evaluate(() => location.search === "?present" && location.hash.length > 2));
  if (is_first_of_its_kind(program)) await no_finding(projected, `${program.id}, presented`);
  if (shots) await projected.screenshot({ path: `${shots}/${program.id}-present.png` });
}
await close(projected);

stage("opening");
// How long it takes to open. Measured, not asserted: it depends on the machine.
const times = [];
for (let i = 0; i < 5; i += 1) {
  const fresh = await open();
  times.push(await fresh.evaluate(() => performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd));
  await close(fresh);
}
times.sort((a, b) => a - b);
await finish(`${programs.length} levels won by keyboard and by touch, ${chosen.length} as links; ${axe_runs} axe runs without a finding; opens in ${Math.round(times[2])} ms (median of 5, ${Math.round(times[4])} at most)`);

async function finish(says) {
  await browser.close();
  assert.deepEqual(noise, [], "nothing on the console");
  const others = requests.filter((request) => ![url, "data:"].some((own) => request.startsWith(own)));
  assert.deepEqual(others, [], "no request but for the page itself");
  console.log(`${says}, in ${Math.round((Date.now() - begun) / 1000)} s`);
  process.exit(0);
}
