// What the cards and tiles show, as HTML.

import { escape, list, breakable, upper } from "./words.mjs";
import { position, keyed, knowledge, most_choices, tally, is_channel } from "./game.mjs";

const name_of = (game, thread) => game.level.threads[thread - 1];
const names_of = (game, threads) => list(threads.map((thread) => name_of(game, thread)));
const indent = (line) => line.length - line.trimStart().length;

/** Of what a thread waits for: which threads hold it. */
export function holders_of(game, waits) {
  const number = game.level.objects.findIndex((object) => waits.endsWith(" " + object));
  const held = number < 0 ? [] : position(game).objects[number].holders;
  return held.length ? `, which ${names_of(game, held)} ${held.length > 1 ? "hold" : "holds"}` : "";
}

/** What a step does, in a few words, where a thread has a choice. */
export function brief(game, step) {
  if (step.spurious) return "wake it for no reason";
  const woken = step.effect.match(/; (.*) is the one$/);
  if (woken) return `wakes ${woken[1]}`;
  const load = step.effect.match(/^loads \S+: ([^,]*)(, an old value)?/);
  if (load) return `reads ${load[1]}` + (load[2] ? " (old)" : "");
  return step.effect;
}

/** A card for each thread. What changes while playing has an id. */
export function cards(game) {
  return game.level.threads.map((name, i) => {
    const thread = i + 1, choices = most_choices(game.level, thread);
    return `<article class="card t${thread}" aria-labelledby="name${thread}">
      <header><h3 id="name${thread}">${escape(name)}</h3><p class="saw" id="saw${thread}"></p></header>
      <div class="code" id="code${thread}" role="region" tabindex="0" aria-label="Source of ${escape(name)}">${code(game, i)}</div>
      <div class="runs" style="--choices:${choices}">
        <button type="button" class="run" id="step${thread}" data-key="${thread}"><kbd>${thread}</kbd><span id="label${thread}"></span></button>
        ${Array.from({ length: choices }, (_, n) => `<span class="slot" id="slot${thread}-${n}"></span>`).join("")}
      </div>
    </article>`;
  }).join("");
}

function code(game, i) {
  return game.level.shown[i].map((number) => {
    const { file, lines } = game.level.blocks[number];
    const least = Math.min(...lines.filter(([, text]) => text.trim()).map(([, text]) => indent(text)));
    const rows = lines.map(([line, text]) => {
      const deep = Math.max(indent(text) - least, 0);
      return `<div class="l" data-line="${number}:${line}" style="--in:${deep}"><span class="no" aria-hidden="true">${line}</span><span>${breakable(text.trim()) || " "}</span></div>`;
    });
    return `<p class="file">${escape(file)}</p><div class="block">${rows.join("")}</div>`;
  }).join("");
}

/** The buttons for the other steps that a thread has a choice of. */
export function draw_choices(game, thread, slot) {
  const extra = keyed(game).filter((one) => one.step.thread === thread && one.key !== String(thread));
  for (let n = 0; n < most_choices(game.level, thread); n += 1) {
    const one = extra[n];
    slot(n).innerHTML = one ? `<button type="button" class="run" id="extra-${one.key}" data-key="${one.key}">${one.key.length > 1 ? "" : `<kbd>${one.key.toUpperCase()}</kbd>`}<span>${one.step.spurious ? "" : "or "}${escape(brief(game, one.step))}</span></button>` : "";
  }
}

/** Marks the line of a card that its thread stands before, or waits in, and scrolls to it. */
export function mark_line(code, game, thread) {
  const { at, later } = position(game).threads[thread - 1];
  code.querySelectorAll(".at").forEach((line) => line.classList.remove("at", "waits"));
  code.querySelectorAll(".why").forEach((why) => why.remove());
  code.classList.toggle("done", !at && !later);
  const line = at && code.querySelector(`[data-line="${at.block}:${at.line}"]`);
  if (!line) return;
  line.classList.add("at");
  line.classList.toggle("waits", !!at.waits);
  if (at.waits) line.insertAdjacentHTML("afterend", `<div class="why">${escape(at.waits + holders_of(game, at.waits))}</div>`);
  const last = line.nextElementSibling && line.nextElementSibling.classList.contains("why") ? line.nextElementSibling : line;
  const middle = (line.offsetTop + last.offsetTop + last.offsetHeight - code.clientHeight) / 2;
  code.scrollTop = Math.min(middle, line.offsetTop); // of a line that doesn't fit, the beginning
}

/** What the thread has seen, and whether that is still so. */
export function saw(game, thread) {
  const known = knowledge(game, thread), { at, later } = position(game).threads[thread - 1];
  const is_main = game.level.hasMain && thread === game.level.threads.length;
  if (!known) return later || (at && !is_main && !game.path.some((step) => step.thread === thread)) ? "not started" : "";
  const what = `${known.did} <span class="object">${escape(known.name)}</span> <b>${escape(known.value)}</b>`;
  return what + (known.stale && at ? ` <mark>stale: now ${escape(known.now)}</mark>` : "");
}

/** The label of a thread's button, and whether it can be pressed. */
export function run_label(game, thread) {
  const { threads, end } = position(game), { at, later } = threads[thread - 1], name = name_of(game, thread);
  const steps = keyed(game).filter((one) => one.step.thread === thread), main = steps.find((one) => one.key === String(thread));
  if (!at) return { text: later ? `${name} isn't started yet` : `${name} is done`, can: false };
  if (!main) return { text: at.waits ? `${name} ${/notified|parked/.test(at.waits) ? "sleeps" : "is blocked"}` : `${name} stops here`, can: false };
  if (end) return { text: "The run is over", can: false };
  const has_choice = steps.some((one) => one !== main && !one.step.spurious);
  return { text: has_choice ? upper(brief(game, main.step)) : `Run ${name}`, can: true };
}

/** What a tile shows of an object: its value, and the threads that hold it or sleep on it. */
function tile(game, object) {
  const { level } = game, { value, holders } = position(game).objects[object], name = level.objects[object];
  const sleeps = (waits) => waits === `waits to be notified on ${name}`;
  if (level.places.some(([, , waits]) => sleeps(waits)) || /^last notification/.test(value || "")) {
    const asleep = position(game).threads.flatMap((thread, i) => (thread.at && sleeps(thread.at.waits) ? [i + 1] : []));
    const lost = value !== null && value.includes("lost");
    const note = lost ? "last notification lost" : asleep.length ? "asleep" : "no one asleep";
    return { name, value: asleep.map((thread) => name_of(game, thread)).join(", ") || "–", note, holders: [], is_text: true };
  }
  const is_lock = level.positions.some((one) => one.objects[object].holders.length);
  const note = holders.length ? `held by ${names_of(game, holders)}` : is_lock ? "unlocked" : "";
  return { name, value: value === null ? (is_lock ? "lock" : "–") : value, note, holders, is_text: (value || "").length > (is_channel(level, object) ? 5 : 9) };
}

/** The shared values. */
export function tiles(game) {
  const all = game.level.objects.map((_, object) => tile(game, object));
  if (game.level.tally) {
    const { name, sum } = tally(game);
    all.push({ name, value: String(sum), note: "", holders: [], is_sum: true });
  }
  if (!all.length) return '<li class="tile"><span class="name">shared</span><b class="text">nothing but a token</b></li>';
  return all.map((one) => `<li class="tile${one.holders.length ? " held t" + one.holders[0] : ""}${one.is_sum ? " sum" : ""}"><span class="name">${escape(one.name)}</span><b${one.is_text ? ' class="text"' : ""}>${escape(one.value)}</b><span class="by">${escape(one.note)}</span></li>`).join("");
}
