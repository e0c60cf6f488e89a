// Small helpers for text.

const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

export const escape = (text) => String(text).replace(/[&<>"]/g, (c) => ENTITIES[c]);
export const upper = (text) => text.charAt(0).toUpperCase() + text.slice(1);
export const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

/** "Ann, Bob and Cleo". */
export function list(words) {
  if (words.length < 2) return words.join("");
  return words.slice(0, -1).join(", ") + " and " + words[words.length - 1];
}

/** Escaped text in which `code` stands between backticks. */
export const prose = (text) => escape(text).replace(/`([^`]+)`/g, "<code>$1</code>");

/** A line of source that is too long for its card breaks where a programmer would break it. */
export function breakable(line) {
  return escape(line).replace(/\.(?=[a-z])|::|\((?!\))/g, (found) => (found === "." ? "<wbr>." : found + "<wbr>"));
}

/** A command whose flags stay in one piece, so that it can be copied by hand. */
export function command(text) {
  const words = text.split(" ").map((word) => `<span class="word">${escape(word)}</span>`);
  return `<code>${words.join(" ")}</code>`;
}
