"use strict";
(() => {
  const plain = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  const value = (cell) => {
    if (cell.dataset.v !== undefined) return Number(cell.dataset.v);
    const text = cell.textContent.trim();
    const number = Number(text.replace(/[\s%]/g, "").replace(",", ".").replace("\u2212", "-"));
    return text === "" || text === "\u2013" || Number.isNaN(number) ? null : number;
  };

  // Tables: click or Enter on a heading sorts, again the other way; what has no value comes last. A box filters.
  for (const table of document.querySelectorAll("table[data-tool]")) {
    const body = table.tBodies[0];
    let rows = [...body.rows];
    const words = rows.map((row) => plain(row.textContent));
    const state = { text: "", range: null };
    const box = table.closest(".table").querySelector(".tools");
    const said = box && box.querySelector("output");
    const show = () => {
      let count = 0;
      const wanted = state.text.split(/\s+/).filter(Boolean);
      rows.forEach((row, place) => {
        const found = wanted.every((word) => row.words.includes(word)) &&
          (!state.range || row.dataset.b[state.range.at] === String(state.range.bin));
        row.hidden = !found;
        count += found;
      });
      if (said) said.textContent = count === rows.length ? "" : said.dataset.words.replace("{count}", count).replace("{all}", rows.length);
    };
    rows.forEach((row, place) => { row.words = words[place]; });
    table.filterBy = (range) => { state.range = range; show(); };
    if (box) {
      box.hidden = false;
      box.querySelector("input").addEventListener("input", (event) => { state.text = plain(event.target.value); show(); });
    }
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      if (head.dataset.sort === undefined) return;
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      head.setAttribute("aria-sort", "none");
      button.addEventListener("click", () => {
        const down = head.dataset.sort === "num" ? head.getAttribute("aria-sort") !== "descending" : head.getAttribute("aria-sort") === "ascending";
        for (const other of head.parentNode.cells) if (other.hasAttribute("aria-sort")) other.setAttribute("aria-sort", "none");
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const numbers = head.dataset.sort === "num";
        const keys = new Map(rows.map((row) => [row, numbers ? value(row.cells[column]) : plain(row.cells[column].textContent)]));
        const compare = numbers ? (a, b) => a - b : (a, b) => (a < b ? -1 : a > b ? 1 : 0);
        rows.sort((one, other) => {
          const a = keys.get(one), b = keys.get(other);
          if (a === null || b === null) return (a === null) - (b === null);
          return down ? compare(b, a) : compare(a, b);
        });
        body.append(...rows);
      });
    });
  }

  // A bar of a histogram lists who is in it.
  const pupils = document.getElementById("pupils-table");
  const chip = document.getElementById("range");
  const clear = () => {
    pupils.filterBy(null);
    chip.hidden = true;
    for (const bar of document.querySelectorAll(".bin[aria-pressed=true]")) bar.setAttribute("aria-pressed", "false");
  };
  const choose = (picture, bar) => {
    const same = bar.getAttribute("aria-pressed") === "true";
    clear();
    if (same) return;
    bar.setAttribute("aria-pressed", "true");
    pupils.filterBy({ at: Number(picture.dataset.at), bin: Number(bar.dataset.n) });
    chip.hidden = false;
    chip.querySelector("span").textContent = `${picture.getAttribute("aria-label")}: ${bar.getAttribute("aria-label")}`;
    const button = chip.querySelector("button");
    button.focus({ preventScroll: true });
    document.getElementById("pupils").scrollIntoView();
  };
  if (pupils) {
    chip.querySelector("button").addEventListener("click", clear);
    for (const picture of document.querySelectorAll("svg.hist")) {
      const bars = [...picture.querySelectorAll(".bin")];
      bars.forEach((bar, place) => {
        bar.setAttribute("role", "button");
        bar.setAttribute("aria-pressed", "false");
        bar.setAttribute("aria-label", bar.querySelector("title").textContent);
        bar.setAttribute("tabindex", place ? "-1" : "0");
        bar.addEventListener("click", () => choose(picture, bar));
        bar.addEventListener("keydown", (event) => {
          const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
          if (event.key === "Enter" || event.key === " ") choose(picture, bar);
          else if (step && bars[place + step]) {
            bar.setAttribute("tabindex", "-1");
            bars[place + step].setAttribute("tabindex", "0");
            bars[place + step].focus();
          } else return;
          event.preventDefault();
        });
      });
    }
  }

  // Values beside the pointer, or beside what has the focus.
  const tip = document.getElementById("tip");
  const told = (target) => {
    const mark = target instanceof Element && target.closest("svg *");
    for (let one = mark; one && one.tagName !== "svg"; one = one.parentNode) {
      const title = [...one.children].find((child) => child.tagName === "title");
      if (title) { one.dataset.tip = title.textContent; title.remove(); }
      if (one.dataset.tip) return one;
    }
    const picture = target instanceof Element && target.closest("svg");
    const title = picture && [...picture.children].find((child) => child.tagName === "title");
    if (title) { picture.dataset.tip = title.textContent; title.remove(); }
    return picture && picture.dataset.tip ? picture : null;
  };
  const point = (event) => {
    const mark = told(event.target);
    tip.hidden = !mark;
    if (!mark) return;
    tip.textContent = mark.dataset.tip;
    const at = mark.getBoundingClientRect(), own = tip.getBoundingClientRect();
    tip.style.left = `${Math.max(4, Math.min(at.left + at.width / 2 - own.width / 2, document.documentElement.clientWidth - own.width - 4))}px`;
    tip.style.top = `${at.top > own.height + 10 ? at.top - own.height - 6 : at.bottom + 6}px`;
  };
  document.addEventListener("pointerover", point);
  document.addEventListener("focusin", point);
  document.addEventListener("scroll", () => { tip.hidden = true; }, { passive: true });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") tip.hidden = true; });
})();
