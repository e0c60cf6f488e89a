"use strict";
// In the built book, the first link to a level in a chapter's "See" is followed by the level itself, in a frame.
// Without a script, as slides and on paper, the link alone is there.
if (!new URLSearchParams(location.search).has("present")) {
  const see = document.querySelector('main h2[id^="see"]');
  for (let node = see && see.nextElementSibling; node && node.nodeName !== "H2"; node = node.nextElementSibling) {
    const link = node.querySelector('a[href*="scheduler.html#"]');
    if (!link) continue;
    const frame = document.createElement("iframe");
    frame.src = link.href.replace("scheduler.html", "scheduler.html?embed");
    frame.title = "Be the scheduler: " + link.textContent;
    frame.loading = "lazy";
    frame.className = "level";
    node.after(frame);
    break;
  }
}
