// A level that is being played: the path so far, what was seen, and which parts of the goal are reached.

import { follow, reaches, shortest, ways } from "./levels.mjs";

/** The bits of a level's stars. */
export const GOAL = 1, SHORT = 2, GUESS = 4;

export function new_game(level, saved = { stars: 0, told: false, guess: null }) {
  return {
    level,
    path: [], // the steps taken
    seen: new Set([0]), // the positions that were visited
    reached: new Set(), // the parts of the goal
    short: new Set(), // the parts that were reached in the fewest steps
    hints: 0,
    whole: false, // the map shows everything
    told: saved.told, // what is to be guessed is known
    warned: false, // that help tells it
    helped: false, // by the last hint or the whole map, before the goal
    guess: saved.guess ?? null,
    stars: saved.stars,
  };
}

export const here = (game) => (game.path.length ? game.path[game.path.length - 1].to : 0);
export const position = (game) => game.level.positions[here(game)];
export const trail = (game) => [0, ...game.path.map((step) => step.to)];
export const schedule = (game) => game.path.map((step) => step.schedule).join("");
export const is_known = (game, number) => game.whole || game.seen.has(number);
export const is_won = (game) => (game.stars & GOAL) > 0;

/** Notes that the game has come to where its path ends. Returns whether the goal is reached by that. */
export function arrive(game) {
  const { level } = game, was_won = game.reached.size === level.parts.length;
  for (const number of trail(game)) game.seen.add(number);
  level.parts.forEach((part, i) => {
    if (part.when === "everything") {
      if (game.seen.size < level.positions.length) return;
      game.reached.add(i);
      if (!game.helped && !was_won) game.short.add(i);
    } else if (reaches(level, part, here(game))) {
      game.reached.add(i);
      const fewest = shortest(level, 0, (number) => reaches(level, part, number)).length;
      if (game.path.length === fewest) game.short.add(i);
    }
  });
  if (position(game).end) tell(game);
  if (game.reached.size === level.parts.length) game.stars |= GOAL;
  if (game.short.size === level.parts.length) game.stars |= SHORT;
  return !was_won && game.reached.size === level.parts.length;
}

export function take(game, step) {
  game.path.push(step);
  return arrive(game);
}

/** Goes to a position of the map: back along the path, one step on, or along positions that are known. */
export function go_to(game, number) {
  const on_trail = trail(game).indexOf(number);
  if (on_trail >= 0) game.path.length = on_trail;
  else {
    const next = position(game).steps.find((step) => step.to === number);
    const path = next ? [...game.path, next] : shortest(game.level, 0, (n) => n === number, (n) => is_known(game, n));
    if (!path) return null;
    game.path = path;
  }
  return arrive(game);
}

/** Follows a schedule string from the start. Returns what of it does not fit. */
export function load_schedule(game, text) {
  const { path, rest } = follow(game.level, text);
  game.path = path;
  arrive(game);
  return rest;
}

/** What is to be guessed: the number of bad interleavings, or of all where none is bad. */
export const answer = (level) => (level.proves ? ways(level).all : ways(level).bad);

/** Takes a guess, as long as the answer hasn't been told. */
export function take_guess(game, number) {
  if (game.told || game.guess !== null) return false;
  game.guess = number;
  return true;
}

/** From now on the answer is known. A right guess has its star now, and not before: the star would tell. */
export function tell(game) {
  game.told = true;
  if (game.guess !== null && game.guess === answer(game.level)) game.stars |= GUESS;
}

/** Each step that can be taken here, with its key. */
export function keyed(game) {
  const used = new Set(), letters = [..."abde"], wakes = [..."wxyz"];
  return position(game).steps.map((step, i) => {
    let key = String(step.thread);
    // Where the letters don't suffice, a step has a button only.
    if (step.spurious) key = wakes.shift() || `more${i}`;
    else if (used.has(key)) key = letters.shift() || `more${i}`;
    used.add(key);
    return { key, step };
  });
}

/** How many steps besides the first a thread ever has a choice of: room for them is kept from the start. */
export function most_choices(level, thread) {
  const more = level.positions.map(({ steps }) => {
    const own = steps.filter((step) => step.thread === thread), plain = own.filter((step) => !step.spurious);
    return own.length - (plain.length ? 1 : 0);
  });
  return Math.max(0, ...more);
}

/** Whether the object is a channel: its tile shows what is in it, not what was sent last. */
export function is_channel(level, object) {
  const begins = ["sends to", "receives from"].map((verb) => `${verb} ${level.objects[object]}: `);
  return level.effects.some(([effect]) => begins.some((begin) => effect.startsWith(begin)));
}

/** The latest value that a thread has read or written, and whether another thread has changed it since. */
export function knowledge(game, thread) {
  for (let i = game.path.length - 1; i >= 0; i -= 1) {
    const step = game.path[i], touch = step.thread === thread && step.touches[step.touches.length - 1];
    if (!touch) continue;
    const { value: now, holders } = position(game).objects[touch.object];
    const channel = is_channel(game.level, touch.object);
    // A message that was received is no longer in the channel, and never stale.
    const stale = !channel && now !== null && now !== touch.value && !holders.includes(thread);
    const did = !channel ? (touch.is_write ? "wrote" : "saw") : step.effect.startsWith("sends") ? "sent" : "received";
    return { ...touch, name: game.level.objects[touch.object], now, stale, did };
  }
  return null;
}

/** What the writes to the first object add up to: what the bank has paid out. */
export function tally(game) {
  const [name, each] = game.level.tally;
  const writes = game.path.flatMap((step) => step.touches).filter((touch) => touch.object === 0 && touch.is_write);
  return { name, sum: each * writes.length };
}

/** The positions that one step leads to from where the game has been. */
export function within_reach(game) {
  const reach = new Set();
  for (const number of game.seen) for (const step of game.level.positions[number].steps) if (!game.seen.has(step.to)) reach.add(step.to);
  return reach;
}
