"use strict";
// Words: a position is a moment in which the scheduler chooses; the path is how we came to it; the trail is the positions on it.
const PROGRAMS = JSON.parse(document.getElementById("programs").textContent);
const $ = (id) => document.getElementById(id);
const escape = (text) => String(text).replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);
const SIGN = { good: "✓", wrong: "✗", stuck: "■" };
const WORD = { good: "right", wrong: "wrong", stuck: "stuck" };
const HEAD = { good: "RIGHT", wrong: "WRONG", stuck: "STUCK" };
/** For a room: `scheduler.html?present` shows in big type what the last row has to read, and leaves out the rest. */
const PRESENT = new URLSearchParams(location.search).has("present");
document.documentElement.classList.toggle("present", PRESENT);

const games = PROGRAMS.map((program) => ({ program, path: [], seen: new Set([0]), hints: 0, whole: false, told: false, solved: false }));
let game = games[0];

// What is the case

const at = (number) => game.program.positions[number];
const trail = () => [0, ...game.path.map((step) => step[4])];
const here = () => (game.path.length ? game.path[game.path.length - 1][4] : 0);
const schedule = () => game.path.map((step) => step[2]).join("");
const name = (thread) => game.program.threads[thread - 1];
const effect = (step) => game.program.effects[step[3]];
const place = (thread) => (thread[1] < 0 ? null : game.program.places[thread[1]]);
const list = (words) => (words.length < 2 ? words.join("") : words.slice(0, -1).join(", ") + " and " + words[words.length - 1]);
const upper = (text) => text.charAt(0).toUpperCase() + text.slice(1);
const isKnown = (number) => game.whole || game.seen.has(number);
const hasBadEnd = () => game.program.positions.some((position) => position.e && position.e[0] !== "good");

/** The positions that one step leads to from where we have been. */
function within_reach() {
  const reach = new Set();
  for (const number of game.seen) for (const step of at(number).s) if (!game.seen.has(step[4])) reach.add(step[4]);
  return reach;
}

/** Each step that can be taken here, with its key. */
function keyed(position) {
  const used = new Set(), letters = [..."abde"], wakes = [..."wxyz"];
  return position.s.map((step) => {
    let key = String(step[0]);
    if (step[1]) key = wakes.shift();
    else if (used.has(key)) key = letters.shift();
    used.add(key);
    return { key, step };
  });
}

/** The shortest path to a position that `wanted` likes, over steps out of positions that `may` be passed. */
function shortest(from, wanted, may = () => true) {
  const paths = new Map([[from, []]]), queue = [from];
  while (queue.length) {
    const number = queue.shift();
    if (wanted(number)) return paths.get(number);
    if (!may(number)) continue;
    for (const step of at(number).s) if (!paths.has(step[4])) { paths.set(step[4], [...paths.get(number), step]); queue.push(step[4]); }
  }
  return null;
}

function follow(program, text) {
  const path = [];
  let number = 0, rest = text;
  while (rest) {
    const fits = program.positions[number].s.filter((step) => rest.startsWith(step[2])).sort((a, b) => b[2].length - a[2].length);
    if (!fits.length) return { path, rest };
    path.push(fits[0]);
    number = fits[0][4];
    rest = rest.slice(fits[0][2].length);
  }
  return { path, rest };
}

// What the reader does

function take(step) {
  game.path.push(step);
  arrive(upper(name(step[0])) + " " + effect(step) + ".");
}

function arrive(said) {
  trail().forEach((number) => game.seen.add(number));
  const end = at(here()).e;
  if (end) game.told = true;
  if (end && end[0] !== "good") game.solved = true;
  if (!hasBadEnd() && game.seen.size === game.program.positions.length) game.solved = true;
  draw(said);
}

function go(number) {
  const on_trail = trail().indexOf(number);
  if (on_trail >= 0) game.path.length = on_trail;
  else {
    const next = at(here()).s.find((step) => step[4] === number);
    if (next) return take(next);
    const path = shortest(0, (n) => n === number, isKnown);
    if (!path) return;
    game.path = path;
  }
  arrive("Gone to " + where(number) + ".");
}

function act(key) {
  const found = keyed(at(here())).find((one) => one.key === key);
  if (found) return take(found.step);
  if (/^[1-9]$/.test(key)) return key <= game.program.threads.length ? draw(why_not(+key)) : undefined;
  if (key === "u") {
    if (!game.path.length) return draw("Nothing to undo: this is the start.");
    const step = game.path.pop();
    return arrive("Undone: " + name(step[0]) + " " + effect(step) + ".");
  }
  if (key === "r") { game.path = []; return arrive("Back at the start."); }
  if (key === "m") { game.whole = !game.whole; game.told = true; return draw(game.whole ? "The whole map is shown." + (at(here()).e ? "" : " " + odds()) : "The map shows where you have been."); }
  if (key === "h") return draw(hint());
  if (key === "c") return copy();
  if (key === "[" || key === "]") {
    const next = (games.indexOf(game) + (key === "]" ? 1 : games.length - 1)) % games.length;
    return choose(next);
  }
}

function choose(number) {
  game = games[number];
  build();
  draw("");
}

function why_not(thread) {
  const found = at(here()).t[thread - 1], stands = found && place(found);
  if (!stands) return upper(name(thread)) + " has finished.";
  return stands[2] ? upper(name(thread)) + " cannot go on: it " + stands[2] + holders_of(stands[2]) + "." : "The run is over.";
}

/** Of what somebody waits for: who holds it. */
function holders_of(wish) {
  const number = game.program.objects.findIndex((object) => wish.endsWith(" " + object));
  const held = number < 0 ? [] : at(here()).o[number][1];
  return held.length ? ", which " + list(held.map(name)) + (held.length > 1 ? " hold" : " holds") : "";
}

function hint() {
  game.hints = Math.min(game.hints + 1, 3);
  const head = "Hint " + game.hints + " of 3: ";
  if (game.hints < 3) return head + game.program.hints[game.hints - 1];
  game.told = true;
  if (!hasBadEnd()) return head + "no schedule ends badly. Clear the map to see it for yourself: it holds every state.";
  const path = shortest(here(), (number) => at(number).e && at(number).e[0] !== "good");
  if (!path) return head + "from here every schedule ends well. Undo, or start again.";
  if (!path.length) return head + "you have found it.";
  return head + "from here, " + list(path.map((step) => name(step[0]) + (step[1] ? " (woken without a notification)" : ""))) + ". As a schedule: " + path.map((step) => step[2]).join("") + ".";
}

function copy() {
  const link = location.href.replace(location.search, ""), fallback = () => draw("Copy it from the address bar: " + link);
  if (!navigator.clipboard) return fallback();
  navigator.clipboard.writeText(link).then(() => draw("The link to this schedule is copied."), fallback);
}

// In words

function of(ways, schedules = " schedules ") {
  const [good, bad] = ways;
  return bad + " of " + (good + bad) + schedules + game.program.bad[bad === 1 ? 0 : 1];
}

function odds() {
  const w = at(0).w;
  const plain = of(w.slice(0, 2));
  return game.program.wakeups ? plain + " without a spurious wakeup; with at most one, " + of(w.slice(2), " ") + "." : plain + ".";
}

function where(number) {
  return at(number).t.map((thread, i) => game.program.threads[i] + " after " + thread[0] + (thread[0] === 1 ? " step" : " steps")).join(", ");
}

function label(number, reach) {
  const position = at(number);
  const is = number === here() ? "you are here" : game.seen.has(number) ? "seen" : "not seen yet";
  const end = position.e && isKnown(number) ? "; end: " + WORD[position.e[0]] : "";
  return where(number) + ": " + is + end + (reach.has(number) ? "; one step away" : "");
}

// Drawing

/** A line of source that is too long for the screen breaks where a programmer would break it. */
const breakable = (line) => escape(line).replace(/\.(?=[a-z])|::|\((?!\))/g, (found) => (found === "." ? "<wbr>." : found + "<wbr>"));
const indent = (line) => line.length - line.trimStart().length;

/** In a copy of the repository the chapters are Markdown; in the book, which has no folder docs, mdBook has made them HTML. */
function chapter_link({ chapter }) {
  const in_docs = location.protocol === "file:" && /\/docs\/[^/]*$/.test(location.pathname), number = parseInt(chapter, 10);
  const file = in_docs ? chapter : chapter.replace(/md$/, "html") + (PRESENT ? "?present" : "");
  return `<a id="chapter" href="${file}">chapter ${number}${in_docs ? `, <span class="word">docs/${chapter}</span>` : ""}</a>`;
}

/** What stays while a program is played, so that the focus stays too. */
function build() {
  const { program } = game;
  document.title = "Be the scheduler: " + program.title;
  $("program").value = program.id;
  $("title").textContent = program.title;
  $("goal").innerHTML = "<strong>Goal:</strong> " + escape(program.goal) + ' <span class="dim">Explained in ' + chapter_link(program) + ".</span>";
  $("threads").innerHTML = program.threads.map((thread, i) => `<div class="thread is${i + 1}" role="group" aria-label="${escape(thread)}"><h3 class="of${i + 1}">${i + 1} · ${escape(thread)}</h3><div class="line mono" id="line${i + 1}"></div><div id="state${i + 1}"></div><div class="bar no-print" id="extra${i + 1}" hidden></div><button type="button" id="step${i + 1}" data-key="${i + 1}"><kbd>${i + 1}</kbd> <span id="label${i + 1}">step ${escape(thread)}</span></button></div>`).join("");
  $("source").style.setProperty("--threads", program.threads.length);
  $("source").innerHTML = "<pre>" + program.blocks.map((block, b) => {
    const head = b && program.blocks[b - 1].file === block.file ? '<div class="file">…</div>' : `<div class="file">${escape(block.file)}</div>`;
    const least = Math.min(...block.lines.filter((line) => line.trim()).map(indent));
    const is_visited = program.places.some((place) => place[0] === b);
    return `<div class="block${is_visited ? "" : " beside"}">` + head + block.lines.map((line, i) => {
      return `<div class="l${/^\s*\/\//.test(line) ? " doc" : ""}" id="l${b}-${block.first + i}"><span class="gutter"></span><span class="no">${block.first + i}</span><span class="code" style="--in:${Math.max(indent(line) - least, 0)}">${breakable(line.trim()) || " "}</span></div>`;
    }).join("") + "</div>";
  }).join("") + "</pre>";
  const two = program.threads.length === 2;
  $("map-title").textContent = two ? "Map of every interleaving" : "List of every state";
  $("map-help").textContent = two
    ? `Right: ${program.threads[0]} takes a step. Down: ${program.threads[1]} does. With the focus on the map, arrow keys move, Enter goes there.`
    : "A row for each number of steps taken. 1·0·2 means: the first thread has taken one step, the second none, the third two. Arrow keys move, Enter goes there.";
  const has_gaps = two && layout(program).cells.size < layout(program).ranks[0].length * layout(program).ranks[1].length;
  $("legend").innerHTML = `● seen &nbsp; ○ one step away &nbsp; · not seen &nbsp; ✓ right &nbsp; ${program.bad[0] === "gets stuck" ? "■ stuck" : "◆ wrong"}` + (has_gaps ? " &nbsp; dashed square: no schedule gets there" : "");
}

function draw(said) {
  const { program } = game, position = at(here()), focused = document.activeElement && document.activeElement.id;
  const hash = "#" + program.id + ":" + schedule();
  if (location.hash !== hash) history.replaceState(null, "", hash);
  draw_threads(position);
  draw_source(position);
  draw_shared(position);
  if (program.threads.length === 2) draw_map(); else draw_levels();
  const end = position.e;
  $("out").className = end ? end[0] : "";
  if (end) {
    const goal = game.solved ? (end[0] !== "good" ? " Goal reached." : "") : hasBadEnd() ? " The goal is another end: undo, or start again." : "";
    $("out").innerHTML = (said ? escape(said) + " " : "") + `<strong>${SIGN[end[0]]} ${HEAD[end[0]]}</strong> ${escape(end[1])} ${escape(odds())}${goal}` + proof();
  } else $("out").textContent = said || "Choose who runs next.";
  const ways = position.w, left = ways[2] + ways[3];
  $("odds").textContent = (game.told ? "From the start: " + odds() + (end || !game.path.length ? "" : " From here: " + of(ways.slice(2), " ") + ".") : left + (left === 1 ? " schedule" : " schedules") + " from here. How many of them go wrong? Guess, then play to an end.") + ` States seen: ${game.seen.size} of ${program.positions.length}.`;
  $("schedule").textContent = schedule();
  $("log").innerHTML = game.path.map((step) => `<li><span class="of${step[0]}">${escape(name(step[0]))}</span> ${escape(effect(step))}</li>`).join("");
  $("again").innerHTML = "In a terminal: " + command("cargo run -p scheduler -- play " + program.id + (schedule() ? " --schedule " + quoted(schedule()) : "")) + (program.replay && schedule() ? " · " + command("cargo run -p " + program.replay + " -- --replay " + quoted(schedule())) : "");
  $("reveal").setAttribute("aria-pressed", game.whole);
  const solved = games.filter((one) => one.solved).length;
  $("progress").textContent = `${solved} of ${games.length} goals reached`;
  [...$("program").options].forEach((option, i) => { const text = (games[i].solved ? "✓ " : "") + games[i].program.title; if (option.text !== text) option.text = text; });
  if (focused && document.activeElement === document.body) ($(focused) || $("play")).focus({ preventScroll: true });
}

function proof() {
  return !hasBadEnd() && game.solved ? " <strong>You have seen every state, and none of them is a bad end: that is a proof.</strong>" : "";
}

/** A command, whose lines break between words only: a flag that is torn apart cannot be copied by hand. */
const command = (text) => "<code>" + text.split(" ").map((word) => `<span class="word">${escape(word)}</span>`).join(" ") + "</code>";
const quoted = (text) => (/[!~]/.test(text) ? "'" + text + "'" : text);

function draw_threads(position) {
  position.t.forEach((thread, i) => {
    const number = i + 1, stands = place(thread), steps = keyed(position).filter((one) => one.step[0] === number);
    const held = game.program.objects.filter((_, o) => position.o[o][1].includes(number));
    const line = stands && game.program.blocks[stands[0]].lines[stands[1] - game.program.blocks[stands[0]].first];
    $("line" + number).textContent = stands ? stands[1] + ": " + line.trim() : "";
    let state = !stands ? "✓ finished" : stands[2] ? "‖ " + stands[2] + holders_of(stands[2]) : position.e ? "the run is over" : "▶ can go on";
    if (held.length) state += " · holds " + list(held);
    $("state" + number).textContent = state;
    $("step" + number).setAttribute("aria-disabled", !steps.some((one) => one.key === String(number)));
    const more = steps.filter((one) => one.key !== String(number));
    const main = steps.find((one) => one.key === String(number)), has_choice = main && more.some((one) => !one.step[1]);
    $("label" + number).textContent = "step " + name(number) + (has_choice ? ": it " + effect(main.step) : "");
    $("extra" + number).hidden = !more.length;
    $("extra" + number).innerHTML = more.map((one) => `<button type="button" id="extra-${one.key}" data-key="${one.key}"><kbd>${one.key.toUpperCase()}</kbd> ${one.step[1] ? "spurious wakeup: wake it without a notification" : "or: it " + escape(effect(one.step))}</button>`).join("");
  });
}

function draw_source(position) {
  $("source").querySelectorAll(".now").forEach((line) => { line.classList.remove("now"); line.firstChild.textContent = ""; });
  let first = null;
  position.t.forEach((thread, i) => {
    const stands = place(thread);
    if (!stands) return;
    const line = $(`l${stands[0]}-${stands[1]}`);
    line.classList.add("now");
    line.firstChild.insertAdjacentHTML("beforeend", `<span class="of${i + 1}">${i + 1}${stands[2] ? "‖" : "▶"}</span>`);
    if (!first || line.offsetTop < first.offsetTop) first = line;
  });
  if (PRESENT && first) $("source").scrollTop = first.offsetTop - $("source").offsetTop - first.offsetHeight;
}

function draw_shared(position) {
  const { program } = game;
  $("shared").tBodies[0].innerHTML = program.objects.map((object, o) => {
    const [value, holders] = position.o[o];
    const waits = position.t.map((thread, i) => (place(thread) && place(thread)[2].endsWith(" " + object) ? i + 1 : 0)).filter(Boolean);
    const people = (threads) => threads.map((thread) => `<span class="of${thread}">${PRESENT ? thread : escape(name(thread))}</span>`).join(", ") || "–";
    if (PRESENT) {
      const told = [value < 0 ? "" : escape(program.values[value]), holders.length ? "held by " + people(holders) : "", waits.length ? "awaited by " + people(waits) : ""];
      return `<tr><th scope="row" class="mono">${escape(object)}</th><td>${told.filter(Boolean).join(", ") || "–"}</td></tr>`;
    }
    return `<tr><th scope="row" class="mono">${escape(object)}</th><td class="mono">${value < 0 ? "–" : escape(program.values[value])}</td><td>${people(holders)}</td><td>${people(waits)}</td></tr>`;
  }).join("");
}

const GAP = 22;

/** Where every position is on the map: a cell for each pair of step counts, several in a cell side by side. */
function layout(program) {
  if (program.layout) return program.layout;
  const ranks = [0, 1].map((t) => [...new Set(program.positions.map((position) => position.t[t][0]))].sort((a, b) => a - b));
  const cells = new Map();
  program.positions.forEach((position, number) => {
    const key = [0, 1].map((t) => ranks[t].indexOf(position.t[t][0])).join();
    cells.set(key, [...(cells.get(key) || []), number]);
  });
  const most = Math.max(...[...cells.values()].map((cell) => cell.length));
  const size = Math.max(64, 34 + GAP * most), points = [];
  for (const [key, cell] of cells) {
    const [x, y] = key.split(",").map(Number);
    cell.forEach((number, i) => { const d = (i - (cell.length - 1) / 2) * GAP; points[number] = [size * (x + .5) + d, size * (y + .5) - d + 14, d > 0 ? -18 : d || cell.length < 2 ? 26 : 0]; });
  }
  return (program.layout = { ranks, cells, size, points, width: size * ranks[0].length, height: size * ranks[1].length + (PRESENT ? 32 : 20) });
}

function shape(number, [x, y, below], reach) {
  const end = at(number).e;
  if (isKnown(number) && end) {
    const mark = end[0] === "good" ? `<circle cx="${x}" cy="${y}" r="10" fill="var(--good)"/><path d="M${x - 5} ${y}l4 4 6-8" stroke="var(--bg)" stroke-width="2.5" fill="none"/>`
      : end[0] === "wrong" ? `<path d="M${x} ${y - 13}l13 13-13 13-13-13z" fill="var(--bad)"/><path d="M${x - 4} ${y - 4}l8 8m0-8l-8 8" stroke="var(--bg)" stroke-width="2.5"/>`
      : `<rect x="${x - 10}" y="${y - 10}" width="20" height="20" fill="var(--bad)"/><path d="M${x - 5} ${y}h10" stroke="var(--bg)" stroke-width="3"/>`;
    // Between two others of its cell, a node has its label beside it.
    if (!below) return mark + `<text x="${x + (number === here() ? 21 : 14)}" y="${y + 5}">${WORD[end[0]]}</text>`;
    // Clear of the ring round the place where we are.
    const clear = (number === here() ? 6 : 0) + (PRESENT && below > 0 ? 6 : 0);
    return mark + `<text x="${x}" y="${y + below + Math.sign(below) * clear}" text-anchor="middle">${WORD[end[0]]}</text>`;
  }
  if (isKnown(number)) return `<circle cx="${x}" cy="${y}" r="6.5" fill="var(${game.seen.has(number) ? "--fg" : "--fog"})"/>`;
  if (reach.has(number)) return `<circle cx="${x}" cy="${y}" r="6" fill="var(--bg)" stroke="var(--dim)" stroke-width="2"/>`;
  return `<circle cx="${x}" cy="${y}" r="2.5" fill="var(--fog)"/>`;
}

function draw_map() {
  const { program } = game, map = layout(program), reach = within_reach(), me = here();
  const on_path = new Set(trail().slice(1).map((number, i) => trail()[i] + ">" + number));
  let back = "", lines = "", nodes = "";
  map.ranks[0].forEach((_, x) => map.ranks[1].forEach((_, y) => {
    const s = map.size;
    if (!map.cells.has(x + "," + y)) back += `<rect x="${s * (x + .5) - 18}" y="${s * (y + .5) - 4}" width="36" height="36" rx="5" fill="none" stroke="var(--fog)" stroke-dasharray="3 4"/>`;
  }));
  program.positions.forEach((position, number) => position.s.forEach((step) => {
    if (!isKnown(number)) return;
    const [[x1, y1], [x2, y2]] = [map.points[number], map.points[step[4]]], hot = on_path.has(number + ">" + step[4]);
    lines += `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="var(${hot ? "--t" + step[0] : "--fog"})" stroke-width="${hot ? 5 : 1.4}"${step[1] ? ' stroke-dasharray="2 4"' : hot && step[0] === 2 ? ' stroke-dasharray="8 3"' : ""}/>`;
  }));
  program.positions.forEach((_, number) => {
    const [x, y] = map.points[number], can = isKnown(number) || reach.has(number);
    const inside = shape(number, map.points[number], reach) + (number === me ? `<circle cx="${x}" cy="${y}" r="16" fill="none" stroke="var(--fg)" stroke-width="2.5"/>` : "");
    nodes += can ? `<g class="node known" id="n${number}" role="button" tabindex="${number === me ? 0 : -1}" aria-label="${escape(label(number, reach))}"${number === me ? ' aria-current="true"' : ""} data-node="${number}"><circle class="ring-focus" cx="${x}" cy="${y}" r="20"/>${inside}<circle cx="${x}" cy="${y}" r="14" fill="transparent"/></g>` : `<g aria-hidden="true">${inside}</g>`;
  });
  $("map").innerHTML = `<svg viewBox="0 0 ${map.width} ${map.height}" style="min-width:${Math.round(map.width * .72)}px;max-width:${Math.round(map.width * 1.35)}px${PRESENT ? `;min-height:${Math.round(map.height * .8)}px` : ""}" role="group" aria-label="Map: ${escape(program.threads[0])} to the right, ${escape(program.threads[1])} down">${back}${lines}${nodes}</svg>`;
  // Where the map is wider than the screen, keep where we are in the middle of it.
  const svg = $("map").firstChild, scale = Math.min(svg.clientWidth / map.width, svg.clientHeight / map.height);
  svg.style.setProperty("--label", (PRESENT ? Math.min(28 / scale, 26) : Math.max(12 / scale, 13)) + "px");
  $("map").scrollLeft = map.points[me][0] * scale - $("map").clientWidth / 2;
  $("map").scrollTop = map.points[me][1] * scale - $("map").clientHeight / 2;
}

function draw_levels() {
  const { program } = game, reach = within_reach(), me = here(), levels = [];
  program.positions.forEach((position, number) => {
    const depth = position.t.reduce((sum, thread) => sum + thread[0], 0);
    (levels[depth] = levels[depth] || []).push(number);
  });
  $("map").innerHTML = '<ul class="levels">' + levels.map((level, depth) => {
    const shown = level.filter((number) => isKnown(number) || reach.has(number)), hidden = level.length - shown.length;
    return `<li><span class="depth">${depth} ${depth === 1 ? "step" : "steps"}</span>` + shown.map((number) => {
      const end = isKnown(number) && at(number).e, steps = at(number).t.map((thread) => thread[0]).join("·");
      return `<button type="button" id="n${number}" data-node="${number}" tabindex="${number === me ? 0 : -1}"${number === me ? ' aria-current="true"' : ""} class="${end ? end[0] : reach.has(number) && !isKnown(number) ? "next" : ""}">${game.seen.has(number) ? "●" : "○"} ${steps}${end ? " " + SIGN[end[0]] + " " + WORD[end[0]] : ""}<span class="heard">: ${escape(label(number, reach))}</span></button>`;
    }).join("") + (hidden ? `<span class="dim">${hidden} not seen</span>` : "") + "</li>";
  }).join("") + "</ul>";
  if (PRESENT) $("map").scrollTop = $("n" + me).offsetTop - $("map").offsetTop - $("map").clientHeight / 2;
}

/** The node next to another one, in the direction of an arrow key. */
function neighbour(node, key) {
  const nodes = [...$("map").querySelectorAll("[data-node]")];
  if (key === "Home") return nodes.find((n) => n.dataset.node === "0");
  if (key === "End") return $("n" + here());
  const centre = (n) => { const box = n.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; };
  const [x, y] = centre(node), [dx, dy] = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[key];
  let best = null, least = Infinity;
  for (const other of nodes) {
    const [ox, oy] = centre(other), along = (ox - x) * dx + (oy - y) * dy, aside = Math.abs((ox - x) * dy) + Math.abs((oy - y) * dx);
    if (other !== node && along > 2 && along + 3 * aside < least) { least = along + 3 * aside; best = other; }
  }
  return best;
}

// Events

document.addEventListener("click", (event) => {
  const found = event.target.closest("[data-key],[data-node],#skip");
  if (!found) return;
  if (found.id === "skip") { event.preventDefault(); $("play").focus(); } else if (found.dataset.node) go(+found.dataset.node); else act(found.dataset.key);
});
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const node = event.target.closest && event.target.closest("#map [data-node]");
  if (node && /^(Arrow|Home$|End$)/.test(event.key)) {
    event.preventDefault();
    const next = neighbour(node, event.key);
    if (next) { node.tabIndex = -1; next.setAttribute("tabindex", "0"); next.focus(); }
    return;
  }
  if (node && node.tagName !== "BUTTON" && (event.key === "Enter" || event.key === " ")) { event.preventDefault(); go(+node.dataset.node); return; }
  if (!$("keys").checked || event.target.closest("select, textarea")) return;
  const key = event.key === "Backspace" ? "u" : event.key.toLowerCase();
  if ("123456789[]urhmcabdewxyz".includes(key) && key.length === 1) { event.preventDefault(); act(key); }
});
$("program").addEventListener("change", (event) => choose(PROGRAMS.findIndex((program) => program.id === event.target.value)));
addEventListener("hashchange", load);

function load() {
  // Some programs that pass links on write ! and ~ as %21 and %7E.
  const plain = location.hash.slice(1).replace(/%([2-7][0-9a-f])/gi, (_, code) => String.fromCharCode(parseInt(code, 16)));
  const [id, text = ""] = plain.split(":");
  const number = PROGRAMS.findIndex((program) => program.id === id);
  game = games[Math.max(number, 0)];
  const { path, rest } = number < 0 ? { path: [], rest: "" } : follow(game.program, text);
  game.path = path;
  build();
  arrive(rest ? `The link's schedule ${text} does not fit: nobody can take step «${rest}» here.` : "");
}

$("program").innerHTML = PROGRAMS.map((program) => `<option value="${program.id}">${escape(program.title)}</option>`).join("");
load();
