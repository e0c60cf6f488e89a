"use strict";
// What the book adds to a page of plain Markdown: reports in the colors of their threads, and as cards on a phone; wide blocks that fit;
// answers on paper; and a place to commit to a guess before the answer opens. Without scripts, all text is there.
{
  const is_slides = /^\?(present|speaker)/.test(location.search);
  const el = (name, props = {}, ...children) => {
    const node = Object.assign(document.createElement(name), props);
    node.append(...children);
    return node;
  };

  // mdBook gives this label the attributes of a button, which only a button may have.
  document.getElementById("mdbook-sidebar-toggle")?.setAttribute("role", "button");

  // One light theme and one dark one have colors here. In mdBook's others, links and threads are hard to read.
  for (const name of ["rust", "coal", "ayu"]) {
    if (document.documentElement.classList.contains(name)) document.getElementById("mdbook-theme-default_theme")?.click();
    document.getElementById("mdbook-theme-" + name)?.parentElement.remove();
  }

  // The game is a page of its own, which mdBook's contents can't name: it's the first thing that a visitor sees.
  const contents = document.querySelector("#mdbook-sidebar ol.chapter");
  if (contents && typeof path_to_root === "string") {
    const link = el("a", { href: path_to_root + "scheduler.html" }, "▶ Be the scheduler");
    contents.prepend(el("li", { className: "chapter-item play" }, el("span", { className: "chapter-link-wrapper" }, link)));
  }

  /** The lines of a block as runs: `{ lines }` is text, and one with `heads` is a table drawn with │ and numbered by step. */
  const runs_of = (text) => {
    const lines = text.split("\n"), runs = [{ lines: [] }];
    for (let i = 0; i < lines.length; i += 1) {
      const is_head = /^\s*step\s.*│/.test(lines[i]) && /^─+(┼─+)+$/.test(lines[i + 1] || "");
      if (!is_head) { runs[runs.length - 1].lines.push(lines[i]); continue; }
      const table = { lines: [lines[i], lines[i + 1]], heads: lines[i].split("│").map((cell) => cell.trim()) };
      for (i += 2; i < lines.length && lines[i].includes("│"); i += 1) table.lines.push(lines[i]);
      i -= 1;
      runs.push(table, { lines: [] });
    }
    return runs;
  };
  const colored = (run) => run.lines.flatMap((line) => {
    const cells = line.split("│");
    if (!run.heads || cells.length !== run.heads.length) return [line, "\n"];
    return [...cells.flatMap((cell, i) => (i ? ["│", el("span", { className: "t" + i }, cell)] : [cell])), "\n"];
  });
  const cards = ({ lines, heads }) => {
    if (!heads) {
      const text = lines.join("\n").replace(/^\n+|\s+$/g, "");
      return text ? [el("li", { className: "around" }, el("pre", {}, text))] : [];
    }
    const rows = [];
    for (const line of lines.slice(2)) {
      const cells = line.split("│"), number = cells[0].trim(), is_free = cells.length !== heads.length;
      if (number || !rows.length) rows.push({ number, is_free, cells: heads.map(() => []) });
      const row = rows[rows.length - 1];
      if (row.is_free) row.cells[1].push(cells.slice(1).map((cell) => cell.trim()).filter(Boolean).join(": "));
      else cells.forEach((cell, i) => { if (i && cell.trim()) row.cells[i].push(cell.trimEnd().slice(1)); });
    }
    return rows.flatMap(({ number, is_free, cells }) => cells.flatMap((cell, i) => (cell.length
      ? [el("li", { className: is_free ? "" : "t" + i }, el("b", {}, is_free ? number : `${number} · ${heads[i]}`), el("code", {}, cell.join("\n")))]
      : [])));
  };
  const wide = [];
  for (const code of document.querySelectorAll("main pre > code")) {
    const runs = runs_of(code.textContent.replace(/\n$/, "")), pre = code.parentElement;
    if (runs.length > 1) {
      code.replaceChildren(...runs.flatMap(colored));
      pre.classList.add("has-steps");
      if (!is_slides) pre.after(el("ol", { className: "steps" }, ...runs.flatMap(cards)));
    }
    wide.push(code);
  }

  // A block that is a little too wide for its column is set smaller, rather than cut off; on a phone it scrolls.
  const LEAST = 10.5;
  const fit = () => is_slides || wide.forEach((code) => {
    code.style.fontSize = "";
    if (innerWidth < 900 || code.scrollWidth <= code.clientWidth) return;
    const size = parseFloat(getComputedStyle(code).fontSize) * code.clientWidth / code.scrollWidth;
    code.style.fontSize = Math.max(Math.floor(size * 10 - 1) / 10, LEAST) + "px";
  });
  fit();
  document.fonts.ready.then(fit);
  addEventListener("resize", fit);
  // What opens late has a width only then.
  document.addEventListener("toggle", fit, true);

  // On paper nothing can be opened.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")];
    closed.forEach((one) => { one.open = true; });
  });
  addEventListener("afterprint", () => closed.forEach((one) => { one.open = false; }));

  // Predict: a guess first, then the answer. What was right is kept in this browser only.
  const KEY = "threads.predicted";
  const load = () => { try { return JSON.parse(localStorage.getItem(KEY)) || {}; } catch { return {}; } };
  const save = (id, right) => { try { localStorage.setItem(KEY, JSON.stringify({ ...load(), [id]: right })); } catch { /* Then it isn't kept. */ } };
  const heading = document.querySelector("main #predict");
  const answer = heading && !is_slides && [...document.querySelectorAll("main details")].find((one) => heading.compareDocumentPosition(one) & 4);
  if (answer) {
    const id = location.pathname.split("/").pop();
    const before = answer.previousElementSibling, said = [...answer.childNodes].filter((node) => node.nodeName !== "SUMMARY").map((node) => node.textContent).join("").trim();
    const options = before.nodeName === "OL" ? [...before.children] : [];
    const [, named] = /^(?:Option )?(\d+(?:(?:, | and )\d+)*)[.,]/.exec(said) || [], numbers = named?.match(/\d+/g) || [];
    const is_choice = options.length > 1 && numbers.length > 0;
    const is_yes_no = !is_choice && /^(Yes|No)\b/.test(said);
    const form = el("form", { className: "predict" }), status = el("p", { role: "status" });
    const counted = () => {
      const all = Object.values(load()), right = all.filter(Boolean).length;
      return all.length ? ` You have predicted ${right} of ${all.length} right so far.` : "";
    };
    const verdict = (right, words) => { save(id, right); status.textContent = words + counted(); };
    const reveal = () => { answer.open = true; };
    const button = (text, click) => el("button", { type: "button", textContent: text, onclick: click });
    form.append(el("p", {}, el("strong", {}, "Your guess")));
    if (is_choice) {
      const boxes = options.map((_, i) => el("input", { type: "checkbox", value: String(i + 1) }));
      form.append(...boxes.map((box, i) => el("label", {}, box, ` ${i + 1}`)), button("Commit", () => {
        const guess = boxes.filter((box) => box.checked).map((box) => box.value);
        if (!guess.length) { status.textContent = "Choose at least one."; return; }
        reveal();
        verdict(guess.join() === numbers.join(), guess.join() === numbers.join() ? "Right." : `Not this time: it's ${numbers.join(" and ")}.`);
      }));
    } else if (is_yes_no) {
      const is_yes = said.startsWith("Yes");
      const choose = (yes) => () => { reveal(); verdict(yes === is_yes, yes === is_yes ? "Right." : `Not this time: the answer is ${is_yes ? "yes" : "no"}.`); };
      form.append(button("Yes", choose(true)), button("No", choose(false)));
    }
    form.addEventListener("submit", (event) => event.preventDefault());
    status.textContent = counted().trim();
    form.append(status);
    if (is_choice || is_yes_no) answer.before(form);
  }
}
