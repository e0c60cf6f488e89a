"use strict";
// Slides: in the book that mdBook builds, CHAPTER.html?present shows one section at a time, in type for the last row of a room.
// Page Down and Page Up, which a presenter's remote control sends too, scroll; at the end of a section Page Down opens the next answer that
// is still closed, then goes to the next section, and after the last one to the next chapter. Without ?present this does nothing.
if (new URLSearchParams(location.search).has("present")) {
  const LEAST = 20, MOST = 28; // pixels of the type in blocks of code and output, whose lines cannot all be broken
  const main = document.querySelector("main"), page = document.documentElement, slides = [];
  page.classList.add("present");
  for (const node of [...main.childNodes]) {
    const is_head = /^H[12]$/.test(node.nodeName);
    if (!is_head && !slides.length) continue;
    if (is_head) slides.push(document.createElement("section"));
    slides[slides.length - 1].append(node);
  }
  main.replaceChildren(...slides);
  for (const link of document.querySelectorAll("a[href]")) {
    const url = new URL(link.href);
    const is_of_the_book = url.protocol === location.protocol && url.host === location.host && url.pathname.endsWith(".html");
    if (is_of_the_book) { url.search = "?present"; link.href = url; }
  }
  const named = () => slides.findIndex((slide) => location.hash && slide.querySelector("#" + CSS.escape(decodeURIComponent(location.hash.slice(1)))));
  let current = 0;

  const fit = () => {
    for (const code of slides[current].querySelectorAll("pre > code")) {
      code.style.fontSize = MOST + "px";
      code.style.whiteSpace = "pre";
      if (code.scrollWidth <= code.clientWidth) continue;
      const size = Math.floor((MOST * code.clientWidth) / code.scrollWidth * 10) / 10;
      code.style.fontSize = Math.max(size, LEAST) + "px";
      if (size < LEAST) code.style.whiteSpace = "pre-wrap";
    }
  };
  const show = (number) => {
    current = Math.max(number, 0);
    slides.forEach((slide, i) => { slide.hidden = i !== current; });
    fit();
    scrollTo(0, 0);
  };
  const go = (number) => {
    show(number);
    history.replaceState(null, "", "#" + slides[current].querySelector("[id]").id);
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !/^Page(Down|Up)$/.test(event.key)) return;
    const is_down = event.key === "PageDown", below = page.scrollHeight - innerHeight - scrollY;
    if (is_down ? below > 2 : scrollY > 2) return; // There is more of this section: the browser scrolls.
    event.preventDefault();
    const answer = is_down && slides[current].querySelector("details:not([open])");
    if (answer) { answer.open = true; fit(); answer.scrollIntoView({ block: "nearest" }); return; }
    if (slides[current + (is_down ? 1 : -1)]) return go(current + (is_down ? 1 : -1));
    const other = document.querySelector(is_down ? 'a.nav-chapters[rel~="next"]' : 'a.nav-chapters[rel~="prev"]');
    if (other) location.href = other.href;
  });
  addEventListener("hashchange", () => show(named()));
  addEventListener("resize", fit);
  show(named());
  document.fonts.ready.then(fit); // Until then, lines are as wide as in another font.
}
