// The page: draws the game, and takes what the player does.

import { escape, list, upper, plural, prose, command } from "./words.mjs";
import { level_of, ways, odds, shortest, reaches } from "./levels.mjs";
import { GOAL, SHORT, GUESS, answer, tell, new_game, here, position, schedule, is_won, arrive, take, go_to, load_schedule, take_guess, keyed } from "./game.mjs";
import { no_progress, load_progress, save_progress, merge_progress, to_link, from_link } from "./progress.mjs";
import { let_chance_choose } from "./chance.mjs";
import { cards, tiles, saw, run_label, holders_of, mark_line, draw_choices } from "./cards.mjs";
import { svg, fit, map_key, where, SCALE_FOR_TOUCH } from "./map.mjs";

const $ = (id) => document.getElementById(id);
const WORLDS = JSON.parse($("worlds-data").textContent);
const LEVELS = JSON.parse($("programs").textContent).map(level_of);
const IDS = LEVELS.map((level) => level.id);
const SIGN = { good: "✓", wrong: "✗", stuck: "■" };

const asked = new URLSearchParams(location.search);
/** `?present` shows in big type what the last row of a room has to read; `?embed` is for a frame in a chapter. */
const PRESENT = asked.has("present"), EMBED = asked.has("embed");
/** On a phone the guess and the map have a screen of their own. */
const is_phone = () => matchMedia("(max-width: 860px)").matches;
const HAS_KEYS = matchMedia("(hover: hover)").matches;
document.documentElement.classList.toggle("present", PRESENT);
document.documentElement.classList.toggle("embed", EMBED);

const store = (() => { try { return localStorage; } catch { return null; } })();
let progress = load_progress(store);
let games = LEVELS.map((level) => new_game(level, progress.levels[level.id]));
let game = games[0];

const name = (thread) => game.level.threads[thread - 1];

// What the player does

function remember() {
  for (const { level, stars, told, guess } of games) if (stars || told || guess !== null) progress.levels[level.id] = { stars, told, guess };
  save_progress(store, progress);
}

/** After a move: says what happened, and celebrates a goal. */
function moved(said, won) {
  remember();
  draw(said);
  const { end } = position(game), { level } = game;
  const is_goal = end && level.parts.some((part) => reaches(level, part, here(game)));
  if (won || (is_goal && is_won(game))) celebrate();
}

function act(key) {
  const found = keyed(game).find((one) => one.key === key);
  if (found) return moved(upper(name(found.step.thread)) + " " + found.step.effect + ".", take(game, found.step));
  if (/^[1-9]$/.test(key)) return +key <= game.level.threads.length ? draw(why_not(+key)) : undefined;
  const run = {
    u: undo, r: restart, h: () => draw(hint()), m: reveal, c: share, n: next, f: see_the_fix, l: open_levels, g: open_chance, i: open_more,
    "]": () => choose(1), "[": () => choose(-1), escape: () => { $("win").hidden = true; $("play").focus({ preventScroll: true }); },
  }[key];
  if (run) run();
}

function undo() {
  const step = game.path.pop();
  draw(step ? `Undone: ${name(step.thread)} ${step.effect}.` : "Nothing to undo: this is the start.");
}

function restart() {
  game.path = [];
  draw("Back at the start.");
}

/** Help that tells what is to be guessed warns first. Returns whether it does. */
function warns() {
  if (EMBED || PRESENT || game.told || game.warned || game.guess !== null || game.stars & GUESS) return false;
  game.warned = true;
  const text = "This tells the answer, and the star for the guess is lost. Guess first, or press again.";
  $("map-said").textContent = text;
  draw(text);
  return true;
}

function reveal() {
  if (warns()) return;
  game.whole = !game.whole;
  tell(game);
  game.helped ||= game.whole && !is_won(game);
  remember();
  draw(game.whole ? "This is the whole map. " + odds(game.level) + "." : "The map shows where you have been.");
}

function go(number) {
  const won = go_to(game, number);
  if ($("map-dialog").open) $("map-dialog").close();
  if (won !== null) moved("Gone to " + where(game.level, number) + ".", won);
}

function choose(by) {
  open_level((games.indexOf(game) + by + games.length) % games.length);
}

function open_level(number) {
  game = games[number];
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  build();
  draw("");
}

/** The next level that isn't won; when all are, the next one. */
function next() {
  const me = games.indexOf(game), after = [...games.slice(me + 1), ...games.slice(0, me)];
  open_level(games.indexOf(after.find((one) => !is_won(one)) || after[0]));
}

function see_the_fix() {
  if (game.level.fix) open_level(IDS.indexOf(game.level.fix));
  else location.href = $("chapter").href;
}

const link = (hash) => location.href.split(/[?#]/)[0] + "#" + hash;

function copy(text, say) {
  const by_hand = () => say("Copy this link: " + text);
  if (!navigator.clipboard) return by_hand();
  navigator.clipboard.writeText(text).then(() => say("The link is copied."), by_hand);
}

function share() {
  // A win stays on the screen.
  const say = $("win").hidden ? draw : (text) => { $("win-odds").textContent = text; };
  copy(link(game.level.id + ":" + schedule(game)), say);
}

function why_not(thread) {
  const { at } = position(game).threads[thread - 1];
  if (!at) return upper(name(thread)) + " has finished.";
  return at.waits ? `${upper(name(thread))} can't continue: it ${at.waits}${holders_of(game, at.waits)}.` : "The run is over. Undo, or restart.";
}

function hint() {
  game.hints = Math.min(game.hints + 1, 3);
  const head = `Hint ${game.hints} of 3: `;
  if (game.hints < 3) return head + game.level.hints[game.hints - 1];
  game.helped ||= !is_won(game);
  remember();
  if (game.level.proves) return head + "no interleaving ends badly. Visit every state of the map to see it for yourself.";
  const open = game.level.parts.filter((_, i) => !game.reached.has(i));
  const path = shortest(game.level, here(game), (number) => (open.length ? open : game.level.parts).some((part) => reaches(game.level, part, number)));
  if (!path) return head + "from here the goal is out of reach. Undo, or restart.";
  if (!path.length) return head + "you have found it.";
  const way = path.map((step) => name(step.thread) + (step.spurious ? " (woken for no reason)" : ""));
  return `${head}from here, ${list(way)}. As a schedule: ${path.map((step) => step.schedule).join("")}.`;
}

// Winning

function celebrate(is_shared = false) {
  const { level } = game, { end } = position(game);
  $("win-head").textContent = level.proves ? "Proved!" : is_shared ? "This interleaving breaks it." : "You broke it!";
  $("win-end").textContent = level.proves ? "You have seen every interleaving: there is no bad one." : end.words;
  $("win-lesson").innerHTML = prose(level.lesson);
  $("win-odds").textContent = how_many();
  const star = (bit, what) => `<span class="${game.stars & bit ? "got" : ""}">${game.stars & bit ? "★" : "☆"} ${what}</span>`;
  $("win-stars").innerHTML = star(GOAL, "goal") + star(SHORT, level.proves ? "no help" : "fewest steps") + star(GUESS, "guess");
  $("fix").lastChild.textContent = level.fix ? "See the fix" : "Read the chapter";
  $("fix").hidden = !level.fix && (level.proves || EMBED);
  $("win").hidden = false;
  $("out").append(` ${$("win-head").textContent}` + (HAS_KEYS ? " N opens the next level." : ""));
  // A finger that is still tapping must not leave the level.
  $("win").inert = true;
  setTimeout(() => { $("win").inert = false; }, 350);
}

function how_many() {
  const { level } = game, count = odds(level);
  if (level.proves) return upper(count) + ".";
  const here_reached = level.parts.filter((part) => reaches(level, part, here(game)));
  const fewest = Math.min(...here_reached.map((part) => shortest(level, 0, (number) => reaches(level, part, number)).length));
  const took = game.path.length;
  return `${count}; ` + (took <= fewest ? "yours is the shortest." : `the shortest takes ${plural(fewest, "step")}, and yours took ${took}.`);
}

// Drawing

/** In the repository the chapters are Markdown; in the book, which has no folder docs, mdBook has made them HTML. */
function chapter_link({ chapter }) {
  const in_book = location.protocol !== "file:" || !/\/docs\/[^/]*$/.test(location.pathname);
  return in_book ? chapter.replace(/md$/, "html") + (PRESENT ? "?present" : "") : chapter;
}

/** Puts the map and the guess where there is room for them. */
function make_room() {
  for (const [id, on_a_phone] of [["map-figure", "map-on-a-phone"], ["guess", "guess-on-a-phone"]]) {
    const room = is_phone() ? $(on_a_phone) : $("side");
    if ($(id).parentNode !== room) room.append($(id));
  }
}

function fit_map() {
  fit($("map"), game, is_phone() && !HAS_KEYS ? SCALE_FOR_TOUCH : undefined);
}

function open_map() {
  $("map-said").textContent = "";
  $("map-dialog").showModal();
  fit_map();
}

/** What stays while a level is played. */
function build() {
  const { level } = game;
  make_room();
  $("world").textContent = `${WORLDS[level.world].name}: ${level.proves ? "prove it" : "break it"}`;
  $("title").textContent = level.title;
  $("chapter").textContent = "chapter " + parseInt(level.chapter, 10);
  $("chapter").href = $("read").href = chapter_link(level);
  $("goal").innerHTML = prose(level.goal);
  $("threads").innerHTML = cards(game);
  $("threads").style.setProperty("--threads", level.threads.length);
  $("threads").className = "has" + level.threads.length;
  $("source").innerHTML = level.blocks.map(({ file, lines }) => `<p class="file">${escape(file)}</p><pre>${lines.map(([number, text]) => `${String(number).padStart(4)}  ${escape(text)}`).join("\n")}</pre>`).join("");
  $("whole-game").href = link(level.id);
  $("guessed").value = "";
  $("guess-asks").textContent = level.proves ? "How many interleavings are there?" : `How many of the ${ways(level).all} interleavings are bad?`;
  document.title = level.title + " · Be the scheduler";
}

function draw(said) {
  const { level } = game, { end } = position(game), focused = document.activeElement && document.activeElement.id;
  const hash = "#" + level.id + ":" + schedule(game);
  if (location.hash !== hash) history.replaceState(null, "", hash);
  $("win").hidden = true;
  draw_cards();
  $("shared").innerHTML = tiles(game);
  $("parts").innerHTML = level.parts.length > 1 ? level.parts.map(({ says }, i) => `<li>${game.reached.has(i) ? "☑" : "☐"} ${escape(says)}</li>`).join("") : "";
  $("map").innerHTML = svg(game);
  $("axis-x").textContent = level.map.axes[0];
  $("axis-y").textContent = level.map.axes[1];
  $("legend-empty").hidden = !level.map.empty.length;
  fit_map();
  draw_out(said || (game.path.length ? "" : start_says()), end);
  draw_guess();
  $("trace").innerHTML = game.path.map((step) => `<i class="t${step.thread}">${escape(step.schedule)}</i>`).join("");
  $("trace").scrollLeft = $("trace").scrollWidth;
  $("reveal").setAttribute("aria-pressed", game.whole);
  draw_progress();
  draw_more();
  if (focused && document.activeElement === document.body) ($(focused) || $("play")).focus({ preventScroll: true });
}

/** What is said at the start of a level; of a world's first one, its story too. */
function start_says() {
  const { world } = game.level, is_first = games.find((one) => one.level.world === world) === game;
  return (is_first && !EMBED && !PRESENT ? WORLDS[world].story + " " : "") + "Choose which thread runs next.";
}

function draw_cards() {
  position(game).threads.forEach((_, i) => {
    const thread = i + 1, code = $("code" + thread), { text, can } = run_label(game, thread);
    $("saw" + thread).innerHTML = saw(game, thread);
    $("label" + thread).textContent = text;
    $("step" + thread).setAttribute("aria-disabled", !can);
    mark_line(code, game, thread);
    draw_choices(game, thread, (n) => $(`slot${thread}-${n}`));
  });
}

function draw_out(said, end) {
  $("out").className = end ? end.kind : "";
  if (!end) { $("out").textContent = said; return; }
  const { level } = game, reached = level.parts.some((part) => reaches(level, part, here(game)));
  const open = level.parts.length - game.reached.size;
  const goal = reached ? (open && level.parts.length > 1 ? ` ${plural(open, "part")} of the goal to go.` : "") : level.proves ? ` ${game.seen.size} of ${level.positions.length} states seen.` : " That isn't the goal: undo, or restart.";
  // The end comes first: a phone has two lines.
  $("out").innerHTML = `<strong>${SIGN[end.kind]} ${escape(end.words)}</strong>${escape(goal)} ${escape(said)}`;
}

function draw_guess() {
  const { level, told, guess, stars } = game, { bad } = ways(level), has_guessed = guess !== null || stars & GUESS;
  $("guess").classList.toggle("done", !!told || guess !== null);
  const count = upper(odds(level)) + ".";
  $("guess-told").textContent = told ? (has_guessed ? (stars & GUESS ? "★ You guessed it: " : `You guessed ${guess}: `) : "") + count + ` States seen: ${game.seen.size} of ${level.positions.length}.`
    : guess !== null ? `You guessed ${guess}. Play to an end, and you'll see.` : "";
}

function draw_progress() {
  const won = games.filter(is_won).length, stars = games.reduce((sum, one) => sum + [GOAL, SHORT, GUESS].filter((bit) => one.stars & bit).length, 0);
  $("progress").innerHTML = `<span>${won} of ${games.length} levels · </span><b>★ ${stars}</b>`;
  $("pips").innerHTML = games.map((one, i) => `<li class="${is_won(one) ? "won" : ""}${one === game ? " me" : ""}${i && one.level.world !== games[i - 1].level.world ? " first" : ""}"></li>`).join("");
}

function draw_more() {
  const { level } = game, taken = schedule(game), quoted = /[!~]/.test(taken) ? `'${taken}'` : taken;
  $("schedule").textContent = taken;
  $("log").innerHTML = game.path.map((step) => `<li><b class="t${step.thread}">${escape(name(step.thread))}</b> ${escape(step.effect)}</li>`).join("");
  const play = command(`cargo run -p scheduler -- play ${level.id}${taken ? " --schedule " + quoted : ""}`);
  const replay = level.replay && taken ? "<br>As a real run: " + command(`cargo run -p ${level.replay} -- --replay ${quoted}`) : "";
  $("commands").innerHTML = "In a terminal: " + play + replay;
}

// Dialogs

function open_levels() {
  const stars = ({ stars }) => [GOAL, SHORT, GUESS].map((bit) => (stars & bit ? "★" : "☆")).join("");
  $("worlds").innerHTML = WORLDS.map((world, w) => `<section><h3>${escape(world.name)}</h3><p>${escape(world.story)}</p><ul>` + games.map((one, i) => (one.level.world !== w ? "" : `<li><button type="button" data-level="${i}"${one === game ? ' aria-current="true"' : ""}><span>${i + 1}. ${escape(one.level.title)}</span><span class="kind">${one.level.proves ? "prove it" : "break it"}</span><span class="stars" role="img" aria-label="${[GOAL, SHORT, GUESS].filter((bit) => one.stars & bit).length} of 3 stars">${stars(one)}</span></button></li>`)).join("") + "</ul></section>").join("");
  $("levels-said").textContent = "";
  if (!$("levels").open) $("levels").showModal();
  $("worlds").querySelector("[aria-current]").focus();
}

let counted;
function open_chance() {
  if (warns()) return;
  counted = { coin: { good: 0, bad: 0 }, quiet: { good: 0, bad: 0 } };
  tell(game);
  $("chance").showModal();
  more_chance();
}

function more_chance() {
  for (const [id, stay] of [["coin", 0], ["quiet", 0.99]]) {
    const { good, bad } = let_chance_choose(game.level, 100, stay);
    const sum = counted[id];
    sum.good += good;
    sum.bad += bad;
    const all = sum.good + sum.bad;
    $(id).innerHTML = `<div class="bar" aria-hidden="true"><i class="good" style="flex:${sum.good}"></i><i class="bad" style="flex:${sum.bad}"></i></div><p><b class="is-good">✓ ${sum.good} good</b> <b class="is-bad">✗ ${sum.bad} bad</b> of ${all} runs</p>`;
  }
  $("chance-said").textContent = chance_says();
  remember();
  draw_guess();
}

function chance_says() {
  const { bad } = ways(game.level), seldom = counted.quiet.bad * 10 < counted.coin.bad;
  if (!bad) return "No run went bad, and here you can prove that none will. A million good runs would not.";
  if (!counted.coin.bad) return `${upper(odds(game.level))}, and chance has missed them all. Good runs prove nothing.`;
  return seldom ? "On a quiet machine the bug all but disappears. It hasn't gone: that is what \"it ran a million times\" means." : "Chance finds some of them. It can't tell you that it has found them all.";
}

function open_more() {
  $("more").showModal();
}

// Coach marks: three, at the first visit

const MARKS = [["goal", "This is your goal."], ["code1", "Each thread runs its own code. The colored line is its next step."], ["step1", "You choose which thread runs next. Go!"]];
let mark = -1;

function coach(number) {
  mark = number;
  $("coach").hidden = number >= MARKS.length;
  if (number >= MARKS.length) {
    progress.coached = true;
    return remember();
  }
  const [id, text] = MARKS[number], target = $(id).getBoundingClientRect(), box = $("coach");
  $("coach-text").textContent = text;
  $("coach-number").textContent = `${number + 1} of ${MARKS.length}`;
  $("coach-next").textContent = number + 1 < MARKS.length ? "Next" : "Got it";
  const above = target.bottom + box.offsetHeight + 20 > innerHeight;
  box.classList.toggle("above", above);
  box.style.top = (above ? target.top - box.offsetHeight - 12 : target.bottom + 12) + "px";
  box.style.left = Math.max(8, Math.min(target.left + 16, innerWidth - box.offsetWidth - 8)) + "px";
}

const end_coaching = () => { if (mark >= 0 && mark < MARKS.length) coach(MARKS.length); };

// Events

document.addEventListener("click", (event) => {
  const found = event.target.closest("[data-key],[data-node],[data-level],.close,#skip");
  if (!found) return;
  if (found.id === "skip") { event.preventDefault(); $("play").focus(); return; }
  if (found.matches(".close")) { found.closest("dialog").close(); return; }
  end_coaching();
  if (found.dataset.level) open_level(+found.dataset.level);
  else if (found.dataset.node) go(+found.dataset.node);
  else act(found.dataset.key);
});
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || map_key(event, $("map"), here(game), go)) return;
  if (event.target.closest("input, dialog")) return;
  const key = event.key === "Backspace" ? "u" : event.key.toLowerCase();
  if (key === "escape") { end_coaching(); act(key); return; }
  if (!$("keys").checked || key.length > 1 || !"123456789[]urhmcnfglixyzwabde".includes(key)) return;
  event.preventDefault();
  end_coaching();
  act(key);
});
$("guess").addEventListener("submit", (event) => {
  event.preventDefault();
  if (take_guess(game, +$("guessed").value)) { remember(); draw("Your guess is noted: play to an end."); }
});
$("again").addEventListener("click", more_chance);
$("open-map").addEventListener("click", open_map);
$("coach-next").addEventListener("click", () => coach(mark + 1));
$("coach-skip").addEventListener("click", end_coaching);
$("export").addEventListener("click", () => copy(link(to_link(progress)), (text) => { $("levels-said").textContent = text; }));
$("forget").addEventListener("click", () => {
  progress = { ...no_progress(), coached: true };
  games = LEVELS.map((level) => new_game(level));
  game = games[IDS.indexOf(game.level.id)];
  remember();
  draw("Your progress is forgotten.");
  open_levels();
});
addEventListener("hashchange", load);
addEventListener("resize", () => { make_room(); fit_map(); });

function load() {
  // Some programs that pass links on write ! and ~ as %21 and %7E.
  const plain = location.hash.slice(1).replace(/%([2-7][0-9a-f])/gi, (_, code) => String.fromCharCode(parseInt(code, 16)));
  const more = from_link(plain, IDS);
  if (more) {
    merge_progress(progress, more);
    games = LEVELS.map((level) => new_game(level, progress.levels[level.id]));
    remember();
  }
  const [id, text = ""] = plain.split(":");
  const first = Math.max(games.findIndex((one) => !is_won(one)), 0);
  game = games[IDS.includes(id) ? IDS.indexOf(id) : plain && !more ? 0 : first];
  // A link shows an interleaving; it doesn't win the level.
  const stars = game.stars, rest = IDS.includes(id) ? load_schedule(game, text) : "";
  game.stars = stars;
  game.reached.clear();
  game.short.clear();
  build();
  const count = more && plural(Object.keys(more.levels).length, "level");
  draw(more ? `The link's progress is added: ${count}.` : rest ? `The link's schedule ${text} doesn't fit: no thread can take step ${rest} here.` : "");
  if (game.level.parts.some((part) => reaches(game.level, part, here(game)))) celebrate(true);
}

load();
if (!progress.coached && !PRESENT && !EMBED && !schedule(game)) coach(0);
