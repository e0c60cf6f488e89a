"use strict";
// Slides: in the book that mdBook builds, CHAPTER.html?present shows a chapter in steps, each made for 1280 x 720 and scaled to the screen.
// Right, Down, Space, Enter, Page Down and a click go on; Left, Up, Backspace and Page Up go back; Home and End, B for a blank screen, Esc to
// leave. S opens a window for the speaker: what isn't on the slide, the chapter's notes, the clock, the next slide. Either window steers both.
// Without ?present or ?speaker this does nothing.
{
  const WIDTH = 1280, HEIGHT = 720, LEAST = 20, MOST = 26; // pixels; the last two of the type in blocks of code and output
  const mode = new URLSearchParams(location.search);
  const FORTH = ["ArrowRight", "ArrowDown", " ", "Enter", "PageDown"], BACK = ["ArrowLeft", "ArrowUp", "Backspace", "PageUp"];
  const el = (name, className, ...children) => {
    const node = document.createElement(name);
    node.className = className;
    node.append(...children);
    return node;
  };
  /** Calls `act` with what a key means, before mdBook, which has meanings of its own for some, hears of it. */
  const on_keys = (act) => addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (["Enter", " "].includes(event.key) && event.target.closest("a, button, summary")) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const meant = FORTH.includes(key) ? "forth" : BACK.includes(key) ? "back" : { Home: "first", End: "last", b: "blank", ".": "blank", s: "speaker", Escape: "leave" }[key];
    event.stopImmediatePropagation();
    if (!meant) return;
    event.preventDefault();
    act(meant);
  }, true);

  /** What a chapter says of its minutes: those in front of the room, and those that the room needs for the exercise. */
  const planned = (text) => {
    const [, read, solve] = /\d+ minutes: (\d+) to read and run, (\d+) for the exercise/.exec(text) || [];
    if (read) return `${read} min (+${solve} exercise)`;
    const [, all] = /(\d+) minutes/.exec(text) || [];
    return all ? `${all} min` : "";
  };

  if (mode.has("present")) {
    // How tall a picture is, and how wide a letter, is known only when they're there.
    const pictures = [...document.querySelectorAll("main img")].map((one) => one.decode().catch(() => {}));
    Promise.all([...pictures, document.fonts.load("20px 'Source Code Pro'"), document.fonts.ready]).then(present);
  }
  if (mode.has("speaker")) speak();

  function present() {
    const main = document.querySelector("main"), root = document.documentElement;
    const notes = document.getElementById("speaker-notes"), minutes = planned(main.textContent);
    notes?.remove();
    root.classList.add("present");
    const blocks = [...main.children];
    const slides = [];
    main.replaceChildren();
    const stage = document.querySelector(".content");
    stage.style.transform = "none";

    // How a chapter becomes slides.
    let slide = null, section = null;
    const open = (is_first) => {
      const head = section.cloneNode(true);
      if (!is_first) head.removeAttribute("id");
      slide = el("section", "", head);
      main.append(slide);
      slides.push({ node: slide, id: section.id, nth: is_first ? 1 : slides[slides.length - 1].nth + 1, said: [] });
    };
    const fits = () => slide.scrollHeight <= HEIGHT && slide.offsetHeight <= HEIGHT;
    const has_more = () => slide.children.length > 2;
    /** Type that is as large as a block's longest line allows; lines that are too long for the smallest are broken. */
    const set_size = (block, most = MOST) => block.querySelectorAll("pre > code").forEach((code) => {
      code.style.fontSize = most + "px";
      code.style.whiteSpace = "pre";
      if (code.scrollWidth > code.clientWidth) {
        const size = Math.floor((most * code.clientWidth) / code.scrollWidth * 10 - 1) / 10;
        code.style.fontSize = Math.max(size, LEAST) + "px";
        if (size < LEAST) code.style.whiteSpace = "pre-wrap";
      }
    });
    /** Takes what doesn't fit off the end of `block`, which is on the slide, and returns it. */
    const cut = (block) => {
      const code = block.matches("pre") ? block.querySelector("code") : null;
      const parts = code ? null : block.querySelector(":scope > tbody, :scope > table > tbody") || (block.matches("ul, ol, div, blockquote") ? block : null);
      const rest = block.cloneNode(true);
      if (code) {
        const lines_of = code.textContent.replace(/\n$/, "").split("\n"), count = lines_of.length;
        const keep = (node, from, to) => {
          const lines = node.querySelector("code"), range = document.createRange();
          const point = (line) => {
            let left = line;
            const walker = document.createTreeWalker(lines, NodeFilter.SHOW_TEXT);
            for (let text = walker.nextNode(); text && left; text = walker.nextNode()) for (let at = text.data.indexOf("\n"); at >= 0; at = text.data.indexOf("\n", at + 1)) {
              left -= 1;
              if (!left) return [text, at + 1];
            }
            return [lines, line ? lines.childNodes.length : 0];
          };
          range.selectNodeContents(lines);
          range.setStart(...point(to)); range.deleteContents();
          range.setStart(lines, 0); range.setEnd(...point(from)); range.deleteContents();
        };
        let low = 1, high = count - 1;
        const attempt = (lines) => { const tried = rest.cloneNode(true); keep(tried, 0, lines); slide.lastElementChild.replaceWith(tried); return fits(); };
        if (high < 1) return null;
        while (low < high) { const middle = Math.ceil((low + high) / 2); if (attempt(middle)) low = middle; else high = middle - 1; }
        // A blank line is a better place for a break than the middle of a table.
        for (let line = low - 1; line > low * 0.4; line -= 1) if (!lines_of[line].trim()) { low = line + 1; break; }
        attempt(low);
        keep(rest, low, count);
        return rest;
      }
      if (!parts || parts.children.length < 2) return null;
      const start = block.matches("ol") ? block.start : 0;
      while (!fits() && parts.children.length > 1) parts.lastElementChild.remove();
      const kept = parts.children.length, others = rest.querySelector(":scope > tbody, :scope > table > tbody") || rest;
      for (let i = 0; i < kept; i += 1) others.firstElementChild.remove();
      if (start) rest.start = start + kept;
      return others.children.length ? rest : null;
    };
    const place = (block) => {
      const add = () => { slide.append(block); set_size(block); if (fits()) return true; set_size(block, LEAST); return fits(); };
      if (add()) return;
      if (has_more()) {
        block.remove();
        const above = slide.lastElementChild;
        const introduces = /^H\d$/.test(above.nodeName) || /[:?]\s*$/.test(above.textContent);
        if (slide.children.length > 2 || !introduces) {
          open(false);
          if (introduces) slide.append(above);
          if (add()) return;
        } else {
          // Nothing but the sentence that introduces the block: where the block needs all of the slide, the speaker says the sentence.
          above.remove();
          if (add()) { slides[slides.length - 1].said.push(above.dataset.full || above.innerHTML); return; }
          block.before(above);
        }
      }
      const rest = cut(block);
      if (rest) { open(false); place(rest); }
    };
    /** Leaves the first sentences of a paragraph, or the last one where it introduces what follows; the speaker says the rest. */
    const shorten = (paragraph, sentences) => {
      if (paragraph.querySelector("img, pre, ul, ol")) return;
      const walker = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT);
      const range = document.createRange(), ends = [];
      for (let text = walker.nextNode(); text; text = walker.nextNode()) {
        if (text.parentElement.closest("code, strong")) continue; // A label in bold goes with the sentence that follows.
        for (const end of text.data.matchAll(/(?<!\be\.g|\bi\.e|\bvs)[.?!]["')]*(?=\s|$)/g)) {
          ends.push([text, end.index + end[0].length]);
        }
      }
      range.selectNodeContents(paragraph);
      if (/:\s*$/.test(paragraph.textContent)) {
        if (!ends.length) return;
        range.setEnd(...ends[ends.length - 1]);
      } else {
        if (ends.length < sentences) return;
        range.setStart(...ends[sentences - 1]);
      }
      if (!range.toString().trim()) return;
      paragraph.dataset.full = paragraph.innerHTML;
      range.deleteContents();
    };
    const lay_out = (block, sentences) => {
      if (block.matches("details")) {
        const [summary, ...answer] = block.children;
        if (slide.children.length > 1) open(false);
        slide.append(el("p", "answer", summary.textContent));
        answer.forEach((one) => lay_out(one, 2));
        return;
      }
      if (sentences) (block.matches("p") ? [block] : block.querySelectorAll("li")).forEach((one) => shorten(one, sentences));
      place(block);
    };
    for (const block of blocks) {
      if (/^H[12]$/.test(block.nodeName)) { section = block; open(true); continue; }
      // On this slide the room decides: nothing of the question is left out.
      if (section) lay_out(block, section.id === "predict" ? 0 : 1);
    }

    // A slide with next to nothing on it gets the rest of its sentences, or joins the slide before or after it in its section.
    const FEWEST = 15;
    const has_little = ({ node }) => {
      const words = [...node.children].slice(1).flatMap((one) => one.textContent.match(/\S+/g) || []);
      return words.length < FEWEST && !node.querySelector("img, svg, iframe");
    };
    const fill_up = (one) => {
      slide = one.node;
      for (const paragraph of slide.querySelectorAll("[data-full]")) {
        if (!has_little(one)) return;
        const short = paragraph.innerHTML, { full } = paragraph.dataset;
        paragraph.innerHTML = full;
        delete paragraph.dataset.full;
        if (!fits()) { paragraph.innerHTML = short; paragraph.dataset.full = full; }
      }
    };
    const join = (one, other, is_after, with_head = false) => {
      if (!other || (other.id !== one.id && !with_head)) return false;
      const moved = [...one.node.children].slice(with_head ? 0 : 1);
      slide = other.node;
      if (is_after) slide.firstElementChild.after(...moved); else slide.append(...moved);
      moved.forEach((block) => set_size(block));
      if (fits()) return true;
      slide.querySelectorAll("pre").forEach((block) => set_size(block, LEAST));
      if (fits()) return true;
      one.node.append(...moved);
      return false;
    };
    for (let i = slides.length - 1; i >= 0; i -= 1) {
      const one = slides[i], before = slides[i - 1], after = slides[i + 1];
      fill_up(one);
      if (!has_little(one)) continue;
      const is_alone = [before, after].every((neighbor) => neighbor?.id !== one.id);
      const into = join(one, before, false, is_alone) ? before : join(one, after, true) ? after : null;
      const other = into || [before, after].find((neighbor) => neighbor?.id === one.id);
      if (!other || (!into && one.node.querySelector("table"))) continue;
      if (!into) other.said.push(...[...one.node.children].slice(1).map((block) => block.dataset.full || (block.matches("pre") && block.querySelector("code").outerHTML) || block.innerHTML));
      other.said.push(...one.said);
      one.node.remove();
      slides.splice(i, 1);
    }
    // What introduces a block stays with it.
    slides.forEach((one, i) => {
      const after = slides[i + 1];
      for (let last = one.node.lastElementChild; after?.id === one.id && one.node.children.length > 2 && /^(H[3-6]:|P:(.|\n)*:\s*$)/.test(`${last.nodeName}:${last.textContent}`); last = one.node.lastElementChild) {
        slide = after.node;
        slide.firstElementChild.after(last);
        if (!fits()) slide.querySelectorAll("pre").forEach((block) => set_size(block, LEAST));
        if (!fits()) { last.remove(); after.said.push(last.dataset.full || last.innerHTML); }
      }
    });
    slides.forEach((one, i) => {
      one.nth = slides[i - 1]?.id === one.id ? slides[i - 1].nth + 1 : 1;
      if (one.nth === 1) one.node.firstElementChild.id = one.id;
      one.said.push(...[...one.node.querySelectorAll("[data-full]")].map((paragraph) => paragraph.dataset.full));
    });
    const links = [...document.querySelectorAll("main a[href], a.nav-chapters")];
    for (const link of links) {
      const url = new URL(link.href);
      if (url.protocol === location.protocol && url.host === location.host && url.pathname.endsWith(".html")) { url.search = "?present"; link.href = url; }
    }

    // Which slide is shown.
    const counter = el("p", "counter"), blank = el("div", "blank");
    document.body.append(counter, blank);
    let current = 0, speaker = null;
    const scale = () => { stage.style.transform = `translate(-50%, -50%) scale(${Math.min(innerWidth / WIDTH, innerHeight / HEIGHT)})`; };
    const tell = () => {
      const { node, said, id } = slides[current];
      speaker?.postMessage({
        threads: "slide", number: current + 1, count: slides.length, id, title: document.title, head: node.firstElementChild.textContent, said,
        notes: notes?.innerHTML || "", minutes, next: slides[current + 1]?.node.innerHTML || "", is_blank: !blank.hidden,
      }, "*");
    };
    const show = (number) => {
      current = Math.min(Math.max(number, 0), slides.length - 1);
      slides.forEach(({ node }, i) => { node.hidden = i !== current; });
      counter.textContent = `${current + 1} / ${slides.length}`;
      blank.hidden = true;
      const { id, nth } = slides[current];
      history.replaceState(null, "", "#" + id + (nth > 1 ? "/" + nth : ""));
      tell();
    };
    const named = () => {
      const [id, nth = "1"] = decodeURIComponent(location.hash.slice(1)).split("/");
      return id === "end" ? slides.length - 1 : slides.findIndex((one) => one.id === id && String(one.nth) === nth);
    };
    const chapter = (rel, hash) => {
      const link = document.querySelector(`a.nav-chapters[rel~="${rel}"]`);
      if (link) location.href = link.href + hash;
    };
    const act = (meant) => {
      if (!blank.hidden && meant !== "leave") { blank.hidden = true; tell(); return; }
      if (meant === "forth") { if (slides[current + 1]) show(current + 1); else chapter("next", ""); }
      if (meant === "back") { if (current) show(current - 1); else chapter("prev", "#end"); }
      if (meant === "first") show(0);
      if (meant === "last") show(slides.length - 1);
      if (meant === "blank") { blank.hidden = false; tell(); }
      if (meant === "leave") location.href = location.pathname + "#" + slides[current].id;
      if (meant === "speaker") speaker = open_speaker();
    };
    const open_speaker = () => window.open(location.pathname + "?speaker", "speaker", "popup,width=1100,height=760");
    on_keys(act);
    addEventListener("click", (event) => { if (!event.target.closest("a, button, summary, label, input")) act("forth"); });
    addEventListener("hashchange", () => show(named()));
    addEventListener("resize", scale);
    // The speaker's window asks again and again, because it outlives this page: the next chapter is another one.
    addEventListener("message", ({ data, source }) => {
      if (data?.threads === "hello") { const is_new = speaker !== source; speaker = source; if (is_new || data.number !== current + 1) tell(); }
      if (data?.threads === "act" && data.meant !== "speaker") { speaker = source; act(data.meant); }
    });
    scale();
    show(named());
    root.dataset.slides = slides.length;
  }

  function speak() {
    const field = (name) => el("div", name);
    const [time, plan, head, said, notes, next] = ["time", "plan", "head", "said", "notes", "upcoming"].map(field);
    document.documentElement.classList.add("speaker");
    document.body.replaceChildren(el("header", "", time, plan), el("main", "", el("section", "", head, said, notes), el("section", "", el("h2", "", "Next"), el("div", "frame", next))));
    let number = 0, started = 0;
    const two = (value) => String(value).padStart(2, "0");
    const tick = () => {
      const now = new Date(), seconds = started ? Math.floor((now - started) / 1000) : 0;
      time.textContent = `${two(now.getHours())}:${two(now.getMinutes())} · ${Math.floor(seconds / 60)}:${two(seconds % 60)} since the first change`;
      window.opener?.postMessage({ threads: "hello", number }, "*");
    };
    // The note that goes with a part of the chapter; the others stay in sight.
    const OF = { predict: ["Predict", "Wrong answer"], run: ["Run"], see: ["Ask", "Wrong answer"], why: ["Say", "Wrong answer"] };
    addEventListener("message", ({ data, source }) => {
      if (source !== window.opener || data?.threads !== "slide") return;
      if (number && number !== data.number && !started) started = Date.now();
      number = data.number;
      document.title = "Speaker: " + data.title;
      plan.textContent = `${data.number} / ${data.count}` + (data.minutes ? ` · ${data.minutes} planned` : "") + (data.is_blank ? " · blank" : "");
      head.innerHTML = ""; head.append(el("h1", "", data.head));
      said.replaceChildren(...data.said.map((html) => { const p = el("p", ""); p.innerHTML = html; return p; }));
      notes.innerHTML = data.notes;
      const wanted = OF[data.id.split(/[-/]/)[0]] || [];
      notes.querySelectorAll("li").forEach((item) => { item.classList.toggle("now", wanted.some((one) => item.textContent.trim().startsWith(one))); });
      next.innerHTML = data.next || "<p>The end of this chapter.</p>";
      document.documentElement.dataset.number = data.number;
    });
    on_keys((meant) => window.opener?.postMessage({ threads: "act", meant }, "*"));
    tick();
    setInterval(tick, 500);
  }
}
