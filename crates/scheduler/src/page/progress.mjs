// What is kept from visit to visit, and how it travels in a link.

const NAME = "be-the-scheduler";

export const no_progress = () => ({ levels: {}, coached: false });

/** Reads what is kept. A browser may keep nothing, and what it has kept may be anything. */
export function load_progress(storage) {
  try {
    const kept = JSON.parse(storage.getItem(NAME));
    const progress = { ...no_progress(), coached: !!kept.coached };
    for (const [id, { stars, told, guess }] of Object.entries(kept.levels)) progress.levels[id] = { stars: stars & 7, told: !!told, guess: Number.isInteger(guess) ? guess : null };
    return progress;
  } catch {
    return no_progress();
  }
}

/** Returns whether it is kept. */
export function save_progress(storage, progress) {
  try {
    storage.setItem(NAME, JSON.stringify(progress));
    return true;
  } catch {
    return false;
  }
}

/** The part of a link that carries the stars: `done=deadlock.3+event.1`. */
export function to_link(progress) {
  const won = Object.entries(progress.levels).filter(([, { stars }]) => stars);
  return "done=" + won.map(([id, { stars }]) => `${id}.${stars}`).join("+");
}

/** The progress that a link carries, of levels that exist; null when it carries none. */
export function from_link(text, ids) {
  if (!text.startsWith("done=")) return null;
  const progress = no_progress();
  for (const [, id, stars] of text.matchAll(/([\w-]+)\.([1-7])/g)) if (ids.includes(id)) progress.levels[id] = { stars: +stars, told: true, guess: null };
  return progress;
}

/** Adds the stars of `more`; none is lost. */
export function merge_progress(progress, more) {
  for (const [id, { stars, told }] of Object.entries(more.levels)) {
    const own = progress.levels[id] || { stars: 0, told: false, guess: null };
    progress.levels[id] = { ...own, stars: own.stars | stars, told: own.told || told };
  }
  return progress;
}
