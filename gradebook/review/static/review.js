"use strict";
// The review page: a queue of answers, one rubric, keys for everything.
const WORDS = {
  pt_BR: {
    title: "Correção das discursivas", comment: "Comentário para o aluno", secondComment: "Comentário (não vai para o aluno)", keep: "guardar este comentário para outras respostas",
    save: "Salvar e seguir", keys: "1–9: nível do critério marcado · Shift+↑↓: critério · J/K: próxima, anterior · C: comentário, Esc: volta · Ctrl+Enter: salvar",
    none: "Nenhuma resposta foi distribuída para você.", second: "Segunda leitura: serve para comparar; o aluno não a vê.",
    blank: "(em branco)", saved: "Salvo", reviewer: "quem", question: "questão", done: "feitas", criterion: "critério",
    pairs: "pares", same: "iguais", kappa: "kappa", points: "pontos",
    deal: "Distribuir respostas", dealButton: "Distribuir", readers: "quem corrige (logins, com vírgulas)",
    unsaved: "A nota desta resposta não foi salva. Sair assim mesmo?", double: "lidas por duas pessoas", undealt: "respostas sem leitor", dealt: "leituras distribuídas", all: "tudo lido",
  },
  en: {
    title: "Essay review", comment: "Comment for the student", secondComment: "Comment (not for the student)", keep: "keep this comment for other answers",
    save: "Save and go on", keys: "1–9: level of the marked criterion · Shift+↑↓: criterion · J/K: next, previous · C: comment, Esc: back · Ctrl+Enter: save",
    none: "No answer has been dealt to you.", second: "Second reading: to compare readers; the student does not see it.",
    blank: "(blank)", saved: "Saved", reviewer: "who", question: "question", done: "done", criterion: "criterion",
    pairs: "pairs", same: "alike", kappa: "kappa", points: "points",
    deal: "Deal answers", dealButton: "Deal", readers: "who reads (logins, with commas)",
    unsaved: "This answer's mark was not saved. Leave it?", double: "read by two people", undealt: "answers are nobody's", dealt: "readings dealt", all: "all is read",
  },
};
const $ = (id) => document.getElementById(id);
const base = document.body.dataset.base + "review/api/";
let state = { tasks: [] }, here = -1, shown = null, ticket = 0, chosen = [], focus = 0, word = WORDS.pt_BR;

async function ask(path, body) {
  // JupyterHub wants its token even of what only reads.
  const headers = { "Content-Type": "application/json", "X-XSRFToken": document.body.dataset.xsrf };
  const options = body === undefined ? { headers } : { method: "POST", body: JSON.stringify(body), headers };
  const reply = await fetch(base + path, options);
  const found = await reply.json().catch(() => ({}));
  if (!reply.ok) throw new Error(found.message || reply.statusText);
  return found;
}

function element(tag, fields = {}, ...children) {
  const made = Object.assign(document.createElement(tag), fields);
  made.append(...children);
  return made;
}

const number = (value) => value.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 2 });
function say(text) { $("notice").textContent = text; }
function failed(error) { say(error.message); }

async function open(assignment) {
  ticket += 1;
  shown = null;
  loading(false);
  state = await ask("queue" + (assignment ? `?assignment=${encodeURIComponent(assignment)}` : ""));
  word = WORDS[state.language] || WORDS.en;
  document.documentElement.lang = state.language.replace("_", "-");
  for (const place of document.querySelectorAll("[data-text]")) place.textContent = word[place.dataset.text];
  $("save").textContent = word.save;
  $("assignment").replaceChildren(...state.assignments.map((name) => element("option", { value: name, textContent: name, selected: name === state.assignment })));
  const first = state.tasks.findIndex((task) => !task.mark);
  if (state.tasks.length) await show(Math.max(first, 0));
  else { say(word.none); $("rubric").hidden = true; drawQueue(); }
  await drawProgress();
}

function drawQueue() {
  const groups = new Map();
  state.tasks.forEach((task, place) => {
    if (!groups.has(task.notebook)) groups.set(task.notebook, [element("h2", { textContent: task.title })]);
    const button = element("button", { type: "button", textContent: task.id.slice(0, 4), title: task.id });
    button.classList.toggle("done", Boolean(task.mark));
    button.classList.toggle("second", task.second);
    if (place === here) button.setAttribute("aria-current", "true");
    button.addEventListener("click", () => { if (mayLeave()) show(place).catch(failed); });
    groups.get(task.notebook).push(button);
  });
  $("queue").replaceChildren(...[...groups.values()].map((parts) => element("div", {}, ...parts)));
  const done = state.tasks.filter((task) => task.mark).length;
  $("bar").firstElementChild.style.width = `${state.tasks.length ? (100 * done) / state.tasks.length : 0}%`;
  $("bar").setAttribute("aria-valuenow", done);
  $("bar").setAttribute("aria-valuemax", state.tasks.length);
  $("count").textContent = `${done} / ${state.tasks.length}`;
}

// What is pressed while an answer or a mark is on its way is for no answer.
function loading(busy) {
  document.querySelector("main").setAttribute("aria-busy", busy);
  $("rubric").inert = busy;
}

function changed() {
  if (!shown) return false;
  const before = shown.mark || { levels: shown.criteria.map(() => null), comment: "" };
  return String(before.levels) !== String(chosen) || before.comment !== $("comment").value;
}

const mayLeave = () => !changed() || confirm(word.unsaved);

async function show(place) {
  const mine = ++ticket, before = shown;
  shown = null;
  loading(true);
  try {
    const found = await ask(`answer/${encodeURIComponent(state.assignment)}/${state.tasks[place].id}`);
    if (mine !== ticket) return; // the reader has gone on
    here = place;
    shown = found;
  } finally {
    if (mine === ticket) {
      shown = shown || before;
      loading(false);
    }
  }
  $("rubric").hidden = false;
  say(shown.second ? word.second : "");
  $("question").innerHTML = shown.question; // cleaned by the server
  $("answer").innerHTML = shown.html.trim() || `<p><em>${word.blank}</em></p>`; // cleaned by the server
  if (window.MathJax && MathJax.Hub) MathJax.Hub.Queue(["Typeset", MathJax.Hub, $("answer")]);
  chosen = shown.mark ? [...shown.mark.levels] : shown.criteria.map(() => null);
  focus = 0;
  $("comment").value = shown.mark ? shown.mark.comment : "";
  $("keep").checked = false;
  drawCriteria();
  $("phrases").replaceChildren(...shown.phrases.map((text) => {
    const button = element("button", { type: "button", textContent: text });
    button.addEventListener("click", () => { $("comment").value = [$("comment").value.trim(), text].filter(Boolean).join("\n"); });
    return button;
  }));
  drawQueue();
  $("comment-label").textContent = shown.second ? word.secondComment : word.comment;
  $("rubric").scrollTop = 0;
  $("answer").focus({ preventScroll: true });
  window.scrollTo(0, 0);
}

function drawCriteria() {
  $("criteria").replaceChildren(...shown.criteria.map((criterion, row) => {
    const levels = criterion.levels.map((level, column) => {
      const radio = element("input", { type: "radio", name: `criterion-${row}`, checked: chosen[row] === column });
      radio.addEventListener("change", () => choose(row, column));
      return element("label", { className: "level" }, radio, element("b", { textContent: number(level.points) }),
        element("span", { textContent: level.text }), element("kbd", { textContent: column + 1 }));
    });
    const legend = element("legend", {}, criterion.title + " ", element("small", { textContent: `${number(criterion.levels[0].points)}` }));
    const set = element("fieldset", {}, legend, ...levels);
    set.classList.toggle("here", row === focus);
    return set;
  }));
  const known = chosen.every((level) => level !== null);
  const points = chosen.reduce((sum, level, row) => sum + (level === null ? 0 : shown.criteria[row].levels[level].points), 0);
  const most = shown.criteria.reduce((sum, criterion) => sum + criterion.levels[0].points, 0);
  $("points").textContent = `${known ? number(points) : "–"} / ${number(most)} ${word.points}`;
  $("save").disabled = !known;
}

function choose(row, column) {
  chosen[row] = column;
  const open = chosen.findIndex((level) => level === null);
  focus = open === -1 ? Math.min(row + 1, chosen.length - 1) : open;
  drawCriteria();
}

async function save() {
  if (!shown || $("save").disabled) return;
  const mine = ++ticket, task = state.tasks[here], before = shown;
  const mark = { levels: [...chosen], comment: $("comment").value };
  const path = `answer/${encodeURIComponent(state.assignment)}/${task.id}`;
  shown = null;
  loading(true);
  let score;
  try {
    ({ score } = await ask(path, { ...mark, keep: $("keep").checked, text: before.text }));
    task.mark = mark;
  } finally {
    if (mine === ticket) {
      shown = task.mark === mark ? { ...before, mark } : before;
      loading(false);
    }
  }
  if (mine !== ticket) return; // the reader has gone to another list
  const order = [...state.tasks.keys()].map((n) => (here + 1 + n) % state.tasks.length);
  const next = order.find((n) => !state.tasks[n].mark);
  if (next !== undefined) await show(next);
  else drawQueue();
  say(`${word.saved}: ${number(score)}${next === undefined ? ` · ${word.all}` : ""}`);
  await drawProgress();
}

async function drawProgress() {
  const found = await ask(`progress/${encodeURIComponent(state.assignment)}`);
  const table = (heads, rows) => element("table", {}, element("tr", {}, ...heads.map((head) => element("th", { textContent: head }))),
    ...rows.map((row) => element("tr", {}, ...row.map((cell) => element("td", { textContent: cell, className: /^[\d–]/.test(cell) ? "number" : "" })))));
  const parts = [];
  if (found.progress.length) parts.push(table([word.reviewer, word.question, word.done],
    found.progress.map((row) => [row.reviewer, `${row.notebook} ${row.cell}`, `${row.done} / ${row.tasks}`])));
  if (found.agreement.length) parts.push(element("p"), table([word.question, word.criterion, word.pairs, word.same, word.kappa],
    found.agreement.map((row) => [`${row.notebook} ${row.cell}`, row.criterion, String(row.pairs), `${Math.round(100 * row.same)}%`, row.kappa === null ? "–" : number(row.kappa)])));
  $("progress").replaceChildren(...parts);
  $("undealt").textContent = `${found.undealt} ${word.undealt}`;
  $("dealing").open = found.undealt > 0;
  if (!$("readers").value) $("readers").value = [...new Set(found.progress.map((row) => row.reviewer))].join(", ");
}

async function deal() {
  const names = $("readers").value.split(",");
  const { new: dealt } = await ask(`deal/${encodeURIComponent(state.assignment)}`, { names, double: $("double").valueAsNumber / 100 });
  await open(state.assignment);
  say(`${dealt} ${word.dealt}`);
}

document.addEventListener("keydown", (event) => {
  if (event.target.closest("#deal, header select")) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); save().catch(failed); return; }
  if (event.target.matches("textarea")) { if (event.key === "Escape") $("answer").focus(); return; }
  if (!shown || $("rubric").hidden || event.ctrlKey || event.metaKey || event.altKey) return;
  const digit = Number(event.key);
  if (digit >= 1 && digit <= shown.criteria[focus].levels.length) choose(focus, digit - 1);
  else if (event.key === "ArrowDown" && event.shiftKey) { focus = Math.min(focus + 1, chosen.length - 1); drawCriteria(); }
  else if (event.key === "ArrowUp" && event.shiftKey) { focus = Math.max(focus - 1, 0); drawCriteria(); }
  else if (event.key === "j" || event.key === "J") $("next").click();
  else if (event.key === "k" || event.key === "K") $("previous").click();
  else if (event.key === "c" || event.key === "C") $("comment").focus();
  else return;
  event.preventDefault();
});
$("rubric").addEventListener("submit", (event) => { event.preventDefault(); save().catch(failed); });
$("deal").addEventListener("submit", (event) => { event.preventDefault(); deal().catch(failed); });
$("next").addEventListener("click", () => { if (here + 1 < state.tasks.length && mayLeave()) show(here + 1).catch(failed); });
$("previous").addEventListener("click", () => { if (here > 0 && mayLeave()) show(here - 1).catch(failed); });
$("assignment").addEventListener("change", () => {
  if (mayLeave()) open($("assignment").value).catch(failed);
  else $("assignment").value = state.assignment;
});
window.addEventListener("beforeunload", (event) => { if (changed()) event.preventDefault(); });

// The server brings one font for formulas.
window.MathJax = { showMathMenu: false, messageStyle: "none", tex2jax: { inlineMath: [["$", "$"], ["\\(", "\\)"]], processEscapes: true },
  "HTML-CSS": { availableFonts: [], preferredFont: null, imageFont: null, webFont: "STIX-Web" }, Safe: { allow: { URLs: "none" } } };
document.head.append(element("script", { src: document.body.dataset.base + "static/jupyter_server_mathjax/MathJax.js?config=TeX-AMS-MML_HTMLorMML-full,Safe" }));
open().catch(failed);
