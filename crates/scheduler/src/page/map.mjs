// The map: every state as a node, two threads as axes; with three threads, a row for each number of steps.

import { escape, plural } from "./words.mjs";
import { here, trail, is_known, within_reach } from "./game.mjs";

const GAP = 22, ROW = 46, LEAST_SCALE = 0.5, MOST_SCALE = 1.35;
/** With this scale and these circles, each state is large enough for a finger. */
export const SCALE_FOR_TOUCH = 1.6;
const HIT = 14;
const WORD = { good: "right", wrong: "wrong", stuck: "stuck" };

/** Where every position is. */
export function layout(level) {
  if (level.threads.length === 2) return grid(level);
  // A scenario's own thread comes last, and has no axis: its steps share a cell, where there is room for a few.
  const has_room = level.hasMain && level.threads.length === 3 && fullest_cell(level) <= 4;
  return has_room ? grid(level) : rows(level);
}

function fullest_cell(level) {
  const cells = new Map();
  for (const { threads: [a, b] } of level.positions) {
    const key = `${a.steps},${b.steps}`;
    cells.set(key, (cells.get(key) || 0) + 1);
  }
  return Math.max(...cells.values());
}

/** A cell for each pair of step counts; several positions in a cell stand side by side. */
function grid(level) {
  const ranks = [0, 1].map((t) => [...new Set(level.positions.map(({ threads }) => threads[t].steps))].sort((a, b) => a - b));
  const cells = new Map();
  level.positions.forEach(({ threads }, number) => {
    const key = [0, 1].map((t) => ranks[t].indexOf(threads[t].steps)).join();
    cells.set(key, [...(cells.get(key) || []), number]);
  });
  const most = Math.max(...[...cells.values()].map((cell) => cell.length));
  const size = Math.max(64, 34 + GAP * most), points = [], empty = [];
  ranks[0].forEach((_, x) => ranks[1].forEach((_, y) => {
    const cell = cells.get(`${x},${y}`);
    if (!cell) return empty.push([size * (x + 0.5), size * (y + 0.5)]);
    cell.forEach((number, i) => {
      const d = (i - (cell.length - 1) / 2) * GAP;
      const below = d > 0 ? -18 : d || cell.length < 2 ? 26 : 0; // between two others of its cell, a label has no room below
      points[number] = { x: size * (x + 0.5) + d, y: size * (y + 0.5) - d, below };
    });
  }));
  const axes = [`${level.threads[0]}'s steps →`, `${level.threads[1]}'s steps →`];
  return { points, empty, axes, width: size * ranks[0].length, height: size * ranks[1].length + 14 };
}

/** How many steps lead to each position, at most. No step leads back. */
function depths_of(level) {
  const before = level.positions.map(() => 0), depths = level.positions.map(() => 0);
  for (const { steps } of level.positions) for (const { to } of steps) before[to] += 1;
  const queue = [0];
  for (const number of queue) {
    for (const { to } of level.positions[number].steps) {
      depths[to] = Math.max(depths[to], depths[number] + 1);
      before[to] -= 1;
      if (!before[to]) queue.push(to);
    }
  }
  return depths;
}

/** A row for each number of steps. In a row, a position stands below those that lead to it. */
function rows(level) {
  const depths = depths_of(level), points = [];
  const parents = level.positions.map(() => []);
  level.positions.forEach(({ steps }, number) => steps.forEach((step) => parents[step.to].push(number)));
  const all = Array.from({ length: Math.max(...depths) + 1 }, (_, d) => depths.flatMap((depth, number) => (depth === d ? [number] : [])));
  const width = 2 * GAP + 26 * Math.max(...all.map((row) => row.length));
  all.forEach((row, y) => {
    const mean = (number) => parents[number].reduce((sum, parent) => sum + points[parent].x, 0) / (parents[number].length || 1);
    row.map((number) => [mean(number), number]).sort(([a], [b]) => a - b).forEach(([, number], i) => {
      points[number] = { x: width * (i + 0.5) / row.length, y: ROW * (y + 0.5), below: 24 };
    });
  });
  return { points, empty: [], axes: ["different states", "steps →"], width, height: ROW * all.length + 14 };
}

export function where(level, number) {
  return level.positions[number].threads.map(({ steps }, i) => `${level.threads[i]} after ${plural(steps, "step")}`).join(", ");
}

function label(game, number, reach) {
  const { end } = game.level.positions[number];
  const is = number === here(game) ? "you are here" : game.seen.has(number) ? "seen" : "not seen yet";
  return `${where(game.level, number)}: ${is}${end && is_known(game, number) ? "; end: " + WORD[end.kind] : ""}${reach.has(number) ? "; one step away" : ""}`;
}

function shape(game, number, { x, y, below }, reach) {
  const { end } = game.level.positions[number], me = number === here(game);
  if (is_known(game, number) && end) {
    const mark = end.kind === "good" ? `<circle cx="${x}" cy="${y}" r="10" fill="var(--good)"/><path d="M${x - 5} ${y}l4 4 6-8" stroke="var(--bg)" stroke-width="2.5" fill="none"/>`
      : end.kind === "wrong" ? `<path d="M${x} ${y - 13}l13 13-13 13-13-13z" fill="var(--bad)"/><path d="M${x - 4} ${y - 4}l8 8m0-8l-8 8" stroke="var(--bg)" stroke-width="2.5"/>`
      : `<rect x="${x - 10}" y="${y - 10}" width="20" height="20" fill="var(--bad)"/><path d="M${x - 5} ${y}h10" stroke="var(--bg)" stroke-width="3"/>`;
    if (!below) return mark + `<text x="${x + (me ? 21 : 14)}" y="${y + 5}">${WORD[end.kind]}</text>`;
    return mark + `<text x="${x}" y="${y + below + Math.sign(below) * (me ? 6 : 0)}" text-anchor="middle">${WORD[end.kind]}</text>`;
  }
  if (is_known(game, number)) return `<circle cx="${x}" cy="${y}" r="6.5" fill="var(${game.seen.has(number) ? "--fg" : "--fog"})"/>`;
  if (reach.has(number)) return `<circle cx="${x}" cy="${y}" r="6" fill="var(--bg)" stroke="var(--dim)" stroke-width="2"/>`;
  return `<circle cx="${x}" cy="${y}" r="2.5" fill="var(--fog)"/>`;
}

/** The picture. */
export function svg(game) {
  const { level } = game, map = (level.map ||= layout(level)), reach = within_reach(game), me = here(game), path = trail(game);
  const on_path = new Set(path.slice(1).map((number, i) => path[i] + ">" + number));
  const back = map.empty.map(([x, y]) => `<rect x="${x - 18}" y="${y - 18}" width="36" height="36" rx="5" fill="none" stroke="var(--fog)" stroke-dasharray="3 4"/>`);
  const lines = [], hot_lines = [], nodes = [];
  level.positions.forEach(({ steps }, number) => steps.forEach((step) => {
    if (!is_known(game, number)) return;
    const a = map.points[number], b = map.points[step.to], hot = on_path.has(number + ">" + step.to);
    const dashes = step.spurious ? ' stroke-dasharray="2 4"' : hot && step.thread === 2 ? ' stroke-dasharray="8 3"' : "";
    const is_marked = level.marked && level.marked.has(number + ">" + step.to);
    const [color, width] = hot ? ["--t" + step.thread, 5] : is_marked ? ["--bad", 2.4] : ["--fog", 1.4];
    (hot ? hot_lines : lines).push(`<line x1="${a.x}" y1="${a.y}" x2="${b.x}" y2="${b.y}" stroke="var(${color})" stroke-width="${width}"${dashes}/>`);
  }));
  level.positions.forEach((_, number) => {
    const point = map.points[number], { x, y } = point;
    const inside = shape(game, number, point, reach) + (number === me ? `<circle cx="${x}" cy="${y}" r="16" fill="none" stroke="var(--fg)" stroke-width="2.5"/>` : "");
    if (!is_known(game, number) && !reach.has(number)) return nodes.push(`<g aria-hidden="true">${inside}</g>`);
    nodes.push(`<g class="node" id="n${number}" role="button" tabindex="${number === me ? 0 : -1}" aria-label="${escape(label(game, number, reach))}"${number === me ? ' aria-current="true"' : ""} data-node="${number}"><circle class="ring-focus" cx="${x}" cy="${y}" r="20"/>${inside}<circle cx="${x}" cy="${y}" r="${HIT}" fill="transparent"/></g>`);
  });
  return `<svg viewBox="0 0 ${map.width} ${map.height}" role="group" aria-label="Map of every state: ${escape(map.axes.join(", "))}">${back.join("")}${lines.join("")}${hot_lines.join("")}${nodes.join("")}</svg>`;
}

/** Makes the picture fit its box, or, where it would be too small to read, keeps the place where we are in the middle. */
export function fit(box, game, least = LEAST_SCALE) {
  const { width, height, points } = game.level.map, picture = box.firstElementChild;
  const scale = Math.max(Math.min(box.clientWidth / width, box.clientHeight / height, Math.max(MOST_SCALE, least)), least);
  picture.style.width = Math.floor(width * scale) + "px";
  picture.style.height = Math.floor(height * scale) + "px";
  picture.style.setProperty("--label", Math.max(12 / scale, 13) + "px");
  const { x, y } = points[here(game)];
  box.scrollLeft = x * scale - box.clientWidth / 2;
  box.scrollTop = y * scale - box.clientHeight / 2;
}

/** What a key does on a node of the map: an arrow leads to the next one, and Enter goes there. Returns whether it does anything. */
export function map_key(event, box, me, go) {
  const node = event.target.closest("#map [data-node]");
  if (!node) return false;
  if (/^(Arrow|Home$|End$)/.test(event.key)) {
    const other = neighbour(box, node, event.key, me);
    if (other) { node.setAttribute("tabindex", "-1"); other.setAttribute("tabindex", "0"); other.focus(); }
  } else if (event.key === "Enter" || event.key === " ") go(+node.dataset.node);
  else return false;
  event.preventDefault();
  return true;
}

/** The node next to another one, in the direction of an arrow key. */
function neighbour(box, node, key, me) {
  const nodes = [...box.querySelectorAll("[data-node]")];
  if (key === "Home") return nodes.find((n) => n.dataset.node === "0");
  if (key === "End") return nodes.find((n) => n.dataset.node === String(me));
  const center = (n) => { const r = n.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; };
  const [x, y] = center(node), [dx, dy] = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[key];
  let best = null, least = Infinity;
  for (const other of nodes) {
    const [ox, oy] = center(other), along = (ox - x) * dx + (oy - y) * dy, aside = Math.abs((ox - x) * dy) + Math.abs((oy - y) * dx);
    if (other !== node && along > 2 && along + 3 * aside < least) { least = along + 3 * aside; best = other; }
  }
  return best;
}
