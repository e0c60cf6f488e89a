// The levels, as the page's JSON has them, with names in place of numbers.

/** The place of a thread that no other has started yet. */
const NOT_STARTED = -2;

/** Turns a program of the JSON into a level. */
export function level_of(program) {
  const place = (number) => {
    if (number < 0) return null;
    const [block, line, waits] = program.places[number];
    return { block, line, waits };
  };
  const step = ([thread, spurious, schedule, effect, to]) => {
    const [text, touches] = program.effects[effect];
    const named = touches.map(([object, is_write, value]) => ({ object, is_write: !!is_write, value }));
    return { thread, spurious: !!spurious, schedule, effect: text, touches: named, to };
  };
  const positions = program.positions.map((position) => ({
    threads: position.t.map(([steps, at]) => ({ steps, at: place(at), later: at === NOT_STARTED })),
    objects: position.o.map(([value, holders]) => ({ value: value < 0 ? null : program.values[value], holders })),
    steps: position.s.map(step),
    end: position.e ? { kind: position.e[0], words: position.e[1], good: position.e[0] === "good" } : null,
    ways: position.w,
  }));
  const parts = program.parts.map(([says, when, what]) => ({ says, when, what }));
  const proves = parts.some((part) => part.when === "everything");
  return { ...program, parts, positions, proves, shown: blocks_of_each_thread(program, positions) };
}

/** For each thread the numbers of the blocks that it comes to, in the order of the source. */
function blocks_of_each_thread(program, positions) {
  return program.threads.map((_, i) => {
    const found = new Set(positions.map((position) => position.threads[i].at).filter(Boolean).map((at) => at.block));
    return [...found].sort((a, b) => a - b);
  });
}

/** How many interleavings are good and bad from a position, with as many spurious wakeups as the level allows. */
export function ways(level, number = 0) {
  const [, , good, bad] = level.positions[number].ways;
  return { good, bad, all: good + bad };
}

/** "4 of 6 interleavings lose money". */
export function odds(level, number = 0) {
  const { bad, all } = ways(level, number);
  const note = level.wakeups && all !== level.positions[number].ways[0] + level.positions[number].ways[1] ? ", counting spurious wakeups" : "";
  return `${bad} of ${all} interleavings ${level.bad[bad === 1 ? 0 : 1]}${note}`;
}

/** The fewest steps from `from` to a position that `wanted` accepts; null when there is none. */
export function shortest(level, from, wanted, may_pass = () => true) {
  const paths = new Map([[from, []]]), queue = [from];
  for (const number of queue) {
    if (wanted(number)) return paths.get(number);
    if (!may_pass(number)) continue;
    for (const step of level.positions[number].steps) {
      if (paths.has(step.to)) continue;
      paths.set(step.to, [...paths.get(number), step]);
      queue.push(step.to);
    }
  }
  return null;
}

/** Whether an end reaches a part of the goal. What is reached by seeing everything, no end reaches. */
export function reaches(level, part, number) {
  const { end, threads } = level.positions[number];
  if (!end) return false;
  if (part.when === "bad") return !end.good;
  if (part.when === "good") return end.good;
  return part.when === "bad after" && !end.good && threads[part.what - 1].at === null;
}

/** The steps that a schedule string stands for, and what of it does not fit. */
export function follow(level, text) {
  const path = [];
  let number = 0, rest = text;
  while (rest) {
    // The longest that fits: `1!` before `1`.
    const fits = level.positions[number].steps.filter((step) => rest.startsWith(step.schedule));
    const step = fits.sort((a, b) => b.schedule.length - a.schedule.length)[0];
    if (!step) return { path, rest };
    path.push(step);
    number = step.to;
    rest = rest.slice(step.schedule.length);
  }
  return { path, rest };
}
