// Let chance choose.

/** One run: at each step the same thread goes on with probability `stay`, otherwise any thread that can. */
function run(level, stay, random) {
  const pick = (all) => all[Math.floor(random() * all.length)];
  let number = 0, last = 0;
  while (!level.positions[number].end) {
    const steps = level.positions[number].steps.filter((step) => !step.spurious);
    const threads = [...new Set(steps.map((step) => step.thread))];
    const goes_on = threads.includes(last) && random() < stay;
    last = goes_on ? last : pick(threads);
    number = pick(steps.filter((step) => step.thread === last)).to;
  }
  return level.positions[number].end;
}

/** Counts how a number of runs end. */
export function let_chance_choose(level, runs, stay, random = Math.random) {
  const counted = { good: 0, bad: 0 };
  for (let i = 0; i < runs; i += 1) counted[run(level, stay, random).good ? "good" : "bad"] += 1;
  return counted;
}
