// The page's modules on their own, without a browser: node --test rules.test.mjs
import assert from "node:assert/strict";
import { test } from "node:test";
import { level_of, ways, odds, shortest, follow, reaches } from "../../src/page/levels.mjs";
import { GOAL, SHORT, GUESS, answer, new_game, here, take, go_to, load_schedule, take_guess, keyed, knowledge, most_choices, schedule, within_reach, arrive } from "../../src/page/game.mjs";
import { no_progress, load_progress, save_progress, to_link, from_link, merge_progress } from "../../src/page/progress.mjs";
import { let_chance_choose } from "../../src/page/chance.mjs";
import { layout } from "../../src/page/map.mjs";
import { list, prose, breakable, plural } from "../../src/page/words.mjs";

/** Two threads that each read, then write `value + 1`, by hand: the lost update of a counter. */
function counter() {
  const effects = [["reads n: 0", [[0, 0, "0"]]], ["writes n: 0 → 1", [[0, 1, "1"]]], ["reads n: 1", [[0, 0, "1"]]], ["writes n: 1 → 2", [[0, 1, "2"]]], ["writes n: 1 → 1", [[0, 1, "1"]]]];
  const at = (a, b, value, steps, end, w) => ({ t: [[a, a < 2 ? a : -1], [b, b < 2 ? b : -1]], o: [[value, []]], s: steps, w: [...w, ...w], ...(end ? { e: [end, end === "good" ? "two" : "one"] } : {}) });
  return level_of({
    id: "counter", title: "Counter", world: 0, chapter: "02-atomics.md", goal: "", parts: [["Break it", "bad"]], bad: ["loses a visit", "lose a visit"], lesson: "", fix: null, hints: ["", ""], wakeups: 0, tally: null,
    threads: ["A", "B"], objects: ["n"], blocks: [{ file: "f.rs", lines: [[1, "read"], [2, "write"]] }], places: [[0, 1, ""], [0, 2, ""]], effects, values: ["0", "1", "2"],
    positions: [
      at(0, 0, 0, [[1, 0, "1", 0, 1], [2, 0, "2", 0, 2]], null, [2, 4]),
      at(1, 0, 0, [[1, 0, "1", 1, 3], [2, 0, "2", 0, 4]], null, [1, 2]),
      at(0, 1, 0, [[1, 0, "1", 0, 4], [2, 0, "2", 1, 5]], null, [1, 2]),
      at(2, 0, 1, [[2, 0, "2", 2, 6]], null, [1, 0]),
      at(1, 1, 0, [[1, 0, "1", 1, 7], [2, 0, "2", 1, 8]], null, [0, 2]),
      at(0, 2, 1, [[1, 0, "1", 2, 9]], null, [1, 0]),
      at(2, 1, 1, [[2, 0, "2", 3, 10]], null, [1, 0]),
      at(2, 1, 1, [[2, 0, "2", 4, 11]], null, [0, 1]),
      at(1, 2, 1, [[1, 0, "1", 4, 11]], null, [0, 1]),
      at(1, 2, 1, [[1, 0, "1", 3, 10]], null, [1, 0]),
      at(2, 2, 2, [], "good", [1, 0]),
      at(2, 2, 1, [], "wrong", [0, 1]),
    ],
  });
}

test("a level counts its interleavings and finds the shortest way", () => {
  const level = counter();
  assert.deepEqual(ways(level), { good: 2, bad: 4, all: 6 });
  assert.equal(odds(level), "4 of 6 interleavings lose a visit");
  assert.equal(shortest(level, 0, (n) => reaches(level, level.parts[0], n)).length, 4);
  assert.equal(shortest(level, 3, (n) => reaches(level, level.parts[0], n)), null);
  assert.deepEqual(level.shown, [[0], [0]]);
  assert.ok(!level.proves);
});

test("a schedule that doesn't fit says how far it does", () => {
  assert.equal(follow(counter(), "1122").rest, "");
  const { path, rest } = follow(counter(), "1112");
  assert.equal(path.length, 2);
  assert.equal(rest, "12");
});

test("a bad end wins, and the fewest steps are a star", () => {
  const game = new_game(counter());
  assert.ok(take_guess(game, 4));
  const won = [..."1212"].map((key) => take(game, keyed(game).find((one) => one.key === key).step));
  assert.deepEqual(won, [false, false, false, true]);
  assert.equal(game.stars, GOAL | SHORT | GUESS);
  assert.equal(schedule(game), "1212");
});

test("a good end wins nothing, and ends the guessing", () => {
  const game = new_game(counter());
  load_schedule(game, "1122");
  assert.equal(game.stars, 0);
  assert.ok(!take_guess(game, 4), "the answer has been told");
});

test("a guess is taken once", () => {
  const game = new_game(counter());
  assert.ok(take_guess(game, 3));
  assert.ok(!take_guess(game, 4));
  assert.equal(game.stars, 0);
});

test("a right guess has its star at an end, not before", () => {
  const game = new_game(counter());
  take_guess(game, 4);
  assert.equal(game.stars, 0, "a star would tell");
  load_schedule(game, "1122");
  assert.equal(game.stars, GUESS);
  // It's kept from visit to visit.
  const later = new_game(counter(), { stars: 0, told: false, guess: 4 });
  assert.ok(!take_guess(later, 3));
  load_schedule(later, "1122");
  assert.equal(later.stars, GUESS);
});

test("a proof asks for the number of interleavings", () => {
  assert.equal(answer(counter()), 4);
  assert.equal(answer({ ...counter(), proves: true }), 6);
});

test("a message in a channel is never stale", () => {
  const level = counter();
  level.effects = [["sends to n: 0", []]];
  const game = new_game(level);
  load_schedule(game, "121");
  assert.equal(knowledge(game, 2).stale, false);
  assert.equal(knowledge(game, 2).did, "received");
});

test("seeing everything is a proof, and help costs a star", () => {
  for (const helped of [false, true]) {
    const level = { ...counter(), parts: [{ says: "", when: "everything" }], proves: true };
    const game = Object.assign(new_game(level), { helped });
    const won = ["1122", "1212", "2211", "2121", "1221", "2112"].map((text) => { load_schedule(game, text); return game.stars > 0; });
    assert.equal(won[0], false);
    assert.equal(game.seen.size, level.positions.length);
    assert.equal(game.stars, helped ? GOAL : GOAL | SHORT);
  }
});

test("what a thread has read is stale once another thread has written", () => {
  const game = new_game(counter());
  load_schedule(game, "12");
  assert.equal(knowledge(game, 1).stale, false);
  load_schedule(game, "121");
  assert.deepEqual([knowledge(game, 2).value, knowledge(game, 2).now, knowledge(game, 2).stale], ["0", "1", true]);
  assert.equal(knowledge(new_game(counter()), 1), null);
});

test("the map leads back, one step on, and along what is known", () => {
  const game = new_game(counter());
  load_schedule(game, "112");
  go_to(game, 3);
  assert.equal(schedule(game), "11");
  assert.equal(go_to(game, 5), null, "no known way leads there");
  go_to(game, 6);
  assert.equal(here(game), 6);
  assert.ok(within_reach(game).has(2));
  assert.equal(most_choices(game.level, 1), 0);
  assert.equal(arrive(game), false);
  const { points, width, height } = layout(game.level);
  assert.equal(new Set(points.map(({ x, y }) => `${x} ${y}`)).size, 12, "no two states in one place");
  assert.ok(points.every(({ x, y }) => x > 0 && x < width && y > 0 && y < height));
});

test("chance finds both ends, and a thread that stays finds one", () => {
  const level = counter();
  let seed = 1;
  const random = () => { seed = (seed * 16807) % 2147483647; return seed / 2147483647; };
  const coin = let_chance_choose(level, 600, 0, random);
  assert.equal(coin.good + coin.bad, 600);
  assert.ok(coin.good > 0 && coin.bad > 0);
  assert.deepEqual(let_chance_choose(level, 50, 1, random), { good: 50, bad: 0 });
});

test("progress survives storage, a link and nonsense", () => {
  const kept = new Map(), storage = { getItem: (name) => kept.get(name) ?? null, setItem: (name, value) => kept.set(name, value) };
  const progress = { levels: { deadlock: { stars: 3, told: true, guess: null }, event: { stars: 0, told: false, guess: 4 } }, coached: true };
  assert.ok(save_progress(storage, progress));
  assert.deepEqual(load_progress(storage), progress);
  assert.deepEqual(load_progress(null), no_progress());
  assert.equal(save_progress(null, progress), false);
  assert.equal(to_link(progress), "done=deadlock.3");
  assert.deepEqual(from_link("done=deadlock.3+gone.7", ["deadlock"]).levels, { deadlock: { stars: 3, told: true, guess: null } });
  assert.equal(from_link("deadlock:12", ["deadlock"]), null);
  assert.equal(merge_progress(progress, { levels: { deadlock: { stars: 4, told: true } } }).levels.deadlock.stars, 7);
});

test("words", () => {
  assert.equal(list(["a", "b", "c"]), "a, b and c");
  assert.equal(prose("`<x>` & y"), "<code>&lt;x&gt;</code> &amp; y");
  assert.equal(breakable("a.lock()"), "a<wbr>.lock()");
  assert.equal(plural(1, "step") + plural(2, "step"), "1 step2 steps");
});
