// A failing run, forward and back; and where all states are there, off its path and back to it.

import { escape, upper, plural } from "./words.mjs";
import { level_of } from "./levels.mjs";
import { new_game, here, position, take, go_to, keyed, arrive } from "./game.mjs";
import { cards, tiles, saw, run_label, mark_line, draw_choices } from "./cards.mjs";
import { svg, fit, map_key, where } from "./map.mjs";

const $ = (id) => document.getElementById(id);
const level = level_of(JSON.parse($("failure").textContent));
const game = new_game(level);
const name = (thread) => level.threads[thread - 1];

/** The steps of the failing run: its states are the level's first ones. */
const RUN = Array.from({ length: level.run }, (_, k) => level.positions[k].steps.find((step) => step.to === k + 1));
const HAS_KEYS = matchMedia("(hover: hover)").matches;
const SIGN = { good: "✓", wrong: "✗", stuck: "■" };

/** The scenario's own thread takes steps only when no other can: it has a strip below the others. */
const MAIN_IS_ALONE = level.hasMain && level.threads.length > 1 && level.positions.every(({ steps }) => {
  const own = steps.filter((step) => step.thread === level.threads.length);
  return !own.length || own.length === steps.length;
});

/** How many of the path's steps are those of the failing run. */
function in_common() {
  const other = game.path.findIndex((step, k) => step !== RUN[k]);
  return other < 0 ? game.path.length : other;
}
const is_on_the_run = () => in_common() === game.path.length;

/** The number of a step in the report; a step that it doesn't count has none. */
const number_of = (k) => (level.numbers[k] || []).join("–");

/** How many interleavings pass and fail, by way of each state. */
function count_ways() {
  const known = new Map();
  const count = (number) => {
    if (known.has(number)) return known.get(number);
    const { end, steps } = level.positions[number];
    const sum = end ? { good: +end.good, bad: +!end.good } : { good: 0, bad: 0 };
    for (const step of steps) {
      const more = count(step.to);
      sum.good += more.good;
      sum.bad += more.bad;
    }
    known.set(number, sum);
    return sum;
  };
  return count(0);
}

// What the reader does

function jump(k) {
  game.path = RUN.slice(0, Math.max(0, Math.min(k, RUN.length)));
  arrive(game);
  draw();
}

function forward() {
  if (is_on_the_run()) return jump(game.path.length + 1);
  const { steps, end } = position(game);
  if (steps.length === 1) {
    take(game, steps[0]);
    return draw();
  }
  draw(end ? "" : "You have left the failing run: choose which thread goes next.");
}

function back() {
  game.path.pop();
  draw();
}

function act(key) {
  const found = level.whole && keyed(game).find((one) => one.key === key);
  if (!found) return;
  take(game, found.step);
  draw();
}

const ACTIONS = { first: () => jump(0), back, next: forward, last: () => jump(RUN.length), rejoin: () => jump(in_common()), map: () => show(true), steps: () => show(false) };

/** Beside the threads there is room for the map or for the list of steps. On a phone, both stand below them. */
function show(map) {
  document.body.classList.toggle("shows-map", map);
  $("show-map").setAttribute("aria-pressed", map);
  $("show-steps").setAttribute("aria-pressed", !map);
  draw();
}

// Drawing

/** The reason, in which each step that it names is a button. */
function with_links(text) {
  const all = level.numbers.slice(0, RUN.length);
  return escape(text).replace(/\b(steps?) (\d+)/g, (found, word, number) => {
    const k = all.findIndex((numbers) => numbers.includes(+number));
    return k < 0 ? found : `<button type="button" class="link" data-step="${k + 1}">${word} ${number}</button>`;
  });
}

/** What stays while the reader steps. */
function build() {
  const { check, test, headline, details, reason, likely } = level;
  document.title = `${headline} · ${test || check}`;
  document.body.classList.toggle("has-map", level.whole);
  $("where").innerHTML = [level.package, test].filter(Boolean).map((part) => `<b>${escape(part)}</b>`).join(" · ") + ` <span>${escape(check)}</span>`;
  $("headline").textContent = headline;
  $("details").textContent = details.split("\n").map((line) => line.trim()).filter(Boolean).join("\n");
  $("reason").innerHTML = reason.split("\n").filter(Boolean).map((line) => `<p${/^\s/.test(line) ? ' class="in"' : ""}>${with_links(line)}</p>`).join("");
  $("likely").textContent = likely;
  $("threads").innerHTML = cards(game);
  const beside = level.threads.length - (MAIN_IS_ALONE ? 1 : 0);
  const columns = Math.min(beside, beside === 4 ? 2 : 3);
  $("threads").style.setProperty("--threads", columns);
  $("threads").style.setProperty("--rows", Math.ceil(beside / columns));
  $("threads").className = beside < 3 ? "has2" : "has3";
  if (MAIN_IS_ALONE) $("threads").lastElementChild.classList.add("alone");
  $("shared").hidden = !level.objects.length;
  if (!level.whole) return;
  // The shapes of many ends say enough; their words would cover each other.
  document.body.classList.toggle("many-ends", level.positions.filter(({ end }) => end).length > 8);
  level.marked = new Set(RUN.map((step, k) => `${k}>${step.to}`));
  const { good, bad } = count_ways();
  $("map-says").textContent = good ? `${good} of ${plural(good + bad, "interleaving")} ${good === 1 ? "passes" : "pass"}. Run another thread, and look for a way out.` : "No interleaving passes.";
}

function draw(said) {
  const { end } = position(game), on_run = is_on_the_run(), k = game.path.length, step = game.path[k - 1];
  const focused = document.activeElement && document.activeElement.id;
  draw_cards(step);
  $("shared").innerHTML = tiles(game);
  const number = step && on_run ? number_of(k - 1) : "";
  // The report may say more of the failing run than how it ends. A panic's message is in that already.
  const ends = end && (end.good ? "This interleaving passes." : on_run ? level.headline : end.words);
  const effect = step && end ? step.effect.replace(`panics: ${end.words}`, "panics") : step && step.effect;
  const what = step ? `${number ? `Step ${number}: ` : ""}${name(step.thread)} ${effect}.` : RUN.length ? "The start of the failing run." + (HAS_KEYS ? " → takes the next step." : "") : "No thread takes a step that can be shown.";
  $("out").className = end ? end.kind : on_run ? "" : "off";
  $("out").innerHTML = `<p>${escape(said || upper(what))}</p>` + (end ? `<p class="end"><strong>${SIGN[end.kind]} ${escape(ends)}</strong></p>` : on_run ? "" : '<p class="end">You have left the failing run.</p>');
  $("count").textContent = on_run ? `${k} of ${RUN.length}` : `${k}`;
  for (const [id, off] of [["first", !k], ["back", !k], ["next", !!end], ["last", on_run && !!end]]) $(id).setAttribute("aria-disabled", off);
  $("rejoin").hidden = on_run;
  draw_steps(on_run, k);
  if (level.whole) draw_map();
  if (focused && document.activeElement === document.body) ($(focused) || $("play")).focus({ preventScroll: true });
}

function draw_cards(step) {
  position(game).threads.forEach((_, i) => {
    const thread = i + 1, code = $("code" + thread), { text, can } = run_label(game, thread);
    code.closest(".card").classList.toggle("moved", !!step && step.thread === thread);
    $("saw" + thread).innerHTML = saw(game, thread);
    $("label" + thread).textContent = text;
    $("step" + thread).setAttribute("aria-disabled", !can);
    code.querySelectorAll(".did").forEach((line) => line.classList.remove("did"));
    mark_line(code, game, thread);
    if (step && step.thread === thread) mark_what_it_did(code, step);
    draw_choices(game, thread, (n) => $(`slot${thread}-${n}`));
  });
}

/** Marks the line of the step that was just taken, with what it did; that line stays in sight. */
function mark_what_it_did(code, step) {
  const before = game.path.length > 1 ? game.path[game.path.length - 2].to : 0;
  const { at } = level.positions[before].threads[step.thread - 1];
  const line = at && code.querySelector(`[data-line="${at.block}:${at.line}"]`);
  if (!line) return;
  line.classList.add("did");
  line.insertAdjacentHTML("afterend", `<div class="why what">${escape(step.effect)}</div>`);
  const top = line.offsetTop, bottom = line.nextElementSibling.offsetTop + line.nextElementSibling.offsetHeight;
  if (top < code.scrollTop) code.scrollTop = top - 8;
  else if (bottom > code.scrollTop + code.clientHeight) code.scrollTop = Math.min(top - 8, bottom - code.clientHeight + 8);
}

/** The failing run's steps with those to come; off its path, the steps that were taken. */
function draw_steps(on_run, k) {
  const list_of = on_run ? RUN : game.path;
  let last = 0;
  const rows = list_of.map((step, i) => {
    const numbers = on_run ? level.numbers[i] : [], first = numbers[0] || 0;
    const left_out = first > last + 1 && i > 0 ? `<li class="gap">… ${plural(first - last - 1, "step")} left out</li>` : "";
    last = Math.max(last, ...numbers);
    const label = `<b>${on_run ? number_of(i) : i + 1}</b><span><i>${escape(name(step.thread))}</i> ${escape(step.effect)}</span>`;
    return `${left_out}<li class="t${step.thread}${i === k - 1 ? " now" : i >= k ? " later" : ""}">${on_run ? `<button type="button" id="go${i + 1}" data-step="${i + 1}"${i === k - 1 ? ' aria-current="step"' : ""}>${label}</button>` : `<p>${label}</p>`}</li>`;
  });
  $("steps-head").textContent = on_run ? "The failing run" : "Your interleaving";
  $("steps").innerHTML = rows.join("");
  const now = $("steps").querySelector(".now"), box = $("steps");
  box.scrollTop = now ? now.offsetTop - box.offsetTop - (box.clientHeight - now.offsetHeight) / 2 : 0;
}

function draw_map() {
  game.whole = true;
  $("map").innerHTML = svg(game);
  $("axis-x").textContent = level.map.axes[0];
  $("axis-y").textContent = level.map.axes[1];
  fit($("map"), game, 0.3);
}

// Events

/** Goes to a state of the map. */
function visit(number) {
  go_to(game, number);
  draw();
}

document.addEventListener("click", (event) => {
  const found = event.target.closest("[data-step],[data-key],[data-node],[data-act]");
  if (!found) return;
  if (found.dataset.step) jump(+found.dataset.step);
  else if (found.dataset.act) ACTIONS[found.dataset.act]();
  else if (found.dataset.node) visit(+found.dataset.node);
  else act(found.dataset.key);
});
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  if (map_key(event, $("map"), here(game), visit)) return;
  const action = { ArrowRight: "next", ArrowLeft: "back", Home: "first", End: "last", f: "rejoin", m: "map", s: "steps" }[event.key];
  if (action && (level.whole || !/map|steps/.test(action))) {
    event.preventDefault();
    ACTIONS[action]();
  } else if (event.key.length === 1) act(event.key.toLowerCase());
});
addEventListener("resize", () => level.whole && fit($("map"), game, 0.3));

build();
show(level.whole);
