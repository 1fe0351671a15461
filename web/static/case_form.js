// The case form: pickers that write the lines below them, a letter marked up in place, a draft kept while typing.
// Without this script the form works with its text areas alone.

const form = document.getElementById("case-form");
const token = form.querySelector("input[name=csrf_token]").value;

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "class") made.className = value;
    else if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

async function ask(address, options = {}) {
  const answer = await fetch(address, { headers: { Accept: "application/json", "X-CSRFToken": token }, ...options });
  if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
  return answer.json();
}

// A list of lines in a text area; each is shown as a row that can be changed without typing.
class Lines {
  constructor(area, onchange) {
    this.area = area;
    area.addEventListener("change", onchange);
  }
  get all() {
    return this.area.value.split("\n").map((line) => line.trim()).filter(Boolean);
  }
  set all(lines) {
    this.area.value = lines.join("\n");
    this.area.dispatchEvent(new Event("input", { bubbles: true }));
    this.area.dispatchEvent(new Event("change", { bubbles: true }));
  }
  has(id) {
    return this.all.some((line) => line.includes(`(${id})`));
  }
  add(line) {
    if (!this.all.includes(line)) this.all = [...this.all, line];
  }
  replace(place, line) {
    const lines = this.all;
    if (line === null) lines.splice(place, 1);
    else lines[place] = line;
    this.all = lines;
  }
}

const EXCLUDED = /^(?:no|not|without|-|−)\s+/i;

class Picker {
  constructor(box) {
    this.box = box;
    this.kind = box.dataset.kind;
    this.words = box.dataset;
    this.hits = [];
    this.active = -1;
    this.asked = 0;
    const id = `pick-${this.kind}`;
    this.input = element("input", {
      id, class: "form-control", type: "text", role: "combobox", autocomplete: "off", spellcheck: "false",
      "aria-expanded": "false", "aria-controls": `${id}-list`, "aria-autocomplete": "list",
      "aria-label": this.words.label, placeholder: this.words.label,
    });
    this.list = element("ul", { id: `${id}-list`, role: "listbox", class: "list-group picker-list", hidden: "" });
    this.rows = element("ul", { class: "list-group list-group-flush picker-rows" });
    this.area = document.getElementById(box.dataset.for);
    this.lines = new Lines(this.area, () => this.show());
    const details = element("details", { class: "small" }, element("summary", {}, this.words.more));
    this.area.before(details);
    details.append(this.area);
    if (this.area.classList.contains("is-invalid")) details.open = true;
    box.append(this.rows, element("div", { class: "position-relative" }, this.input, this.list));
    this.input.addEventListener("input", () => this.search());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => setTimeout(() => this.close(), 150));
    this.show();
  }

  async search() {
    const typed = this.input.value.trim();
    const number = (this.asked += 1);
    if (typed.length < 2) return this.close();
    let hits = [];
    try {
      hits = await ask(`${form.dataset[this.kind]}?q=${encodeURIComponent(typed)}`);
    } catch {
      return this.close();
    }
    if (number !== this.asked) return; // a later question is under way
    this.hits = hits;
    this.active = hits.length ? 0 : -1;
    this.offer();
  }

  offer() {
    const options = this.hits.map((hit, place) =>
      element("li", {
        role: "option", id: `${this.input.id}-${place}`, class: "list-group-item list-group-item-action py-1",
        "aria-selected": String(place === this.active),
        onmousedown: (event) => { event.preventDefault(); this.take(place, event.shiftKey); },
      },
      element("span", { class: "fw-semibold" }, hit.label ?? hit.symbol),
      element("span", { class: "term-id" }, ` (${hit.id})`),
      hit.matched ? element("span", { class: "small text-body-secondary" }, ` · ${hit.matched}`) : "",
      element("span", { class: "small d-block text-body-secondary text-truncate" }, hit.definition ?? hit.name ?? "")));
    if (!options.length) options.push(element("li", { class: "list-group-item py-1 small" }, this.words.none));
    this.list.replaceChildren(...options);
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.mark();
  }

  mark() {
    for (const [place, option] of [...this.list.children].entries()) {
      option.classList.toggle("active", place === this.active);
      if (option.getAttribute("role") === "option") option.setAttribute("aria-selected", String(place === this.active));
    }
    if (this.active >= 0) {
      this.input.setAttribute("aria-activedescendant", `${this.input.id}-${this.active}`);
      this.list.children[this.active]?.scrollIntoView({ block: "nearest" });
    } else this.input.removeAttribute("aria-activedescendant");
  }

  key(event) {
    const last = this.hits.length - 1;
    if (event.key === "ArrowDown" && !this.list.hidden) this.active = Math.min(last, this.active + 1);
    else if (event.key === "ArrowUp" && !this.list.hidden) this.active = Math.max(0, this.active - 1);
    else if (event.key === "Escape") return this.close();
    else if (event.key === "Enter") {
      event.preventDefault(); // Enter in a picker never sends the form
      if (this.active >= 0 && !this.list.hidden) this.take(this.active, event.shiftKey);
      return;
    } else return;
    event.preventDefault();
    this.mark();
  }

  take(place, excluded) {
    const hit = this.hits[place];
    if (!hit) return;
    if (this.kind === "terms") {
      if (!this.lines.has(hit.id)) this.lines.add(`${excluded ? "no " : ""}${hit.label} (${hit.id})`);
    } else this.lines.add(hit.symbol);
    this.input.value = "";
    this.close();
    this.input.focus();
  }

  close() {
    this.asked += 1;
    this.list.hidden = true;
    this.hits = [];
    this.active = -1;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  show() {
    this.rows.replaceChildren(...this.lines.all.map((line, place) => this.row(line, place)));
  }

  row(line, place) {
    const excluded = this.kind === "terms" && EXCLUDED.test(line);
    const name = excluded ? line.replace(EXCLUDED, "") : line;
    const parts = [element("span", { class: "flex-grow-1" }, name)];
    if (this.kind === "terms") {
      const state = element("button", {
        type: "button", class: `btn btn-sm ${excluded ? "btn-outline-secondary" : "btn-outline-success"} py-0`,
        "aria-pressed": String(excluded), "aria-label": `${name}: ${excluded ? this.words.no : this.words.yes}`,
        onclick: () => this.change(place, excluded ? name : `no ${name}`),
      }, excluded ? this.words.no : this.words.yes);
      parts.push(state);
    }
    parts.push(element("button", {
      type: "button", class: "btn-close btn-sm", "aria-label": `${this.words.remove}: ${name}`,
      onclick: () => { this.change(place, null); this.input.focus(); },
    }));
    return element("li", { class: "list-group-item d-flex gap-2 align-items-center px-0 py-1" }, ...parts);
  }

  change(place, line) {
    this.lines.replace(place, line);
    this.rows.children[place]?.querySelector("button")?.focus();
  }
}

// The letter: each mention in its place, taken or left one by one; the text goes nowhere else.
class Letter {
  constructor(lines) {
    this.lines = lines;
    this.area = document.getElementById("letter");
    this.out = document.getElementById("letter-read");
    document.getElementById("read-letter").addEventListener("click", () => this.read());
  }

  async read() {
    const text = this.area.value;
    let mentions = [];
    try {
      mentions = await ask(form.dataset.letter, { method: "POST", body: new URLSearchParams({ text }) });
    } catch {
      this.out.textContent = this.out.dataset.failed;
      return;
    }
    if (!mentions.length) {
      this.out.textContent = this.out.dataset.none;
      return;
    }
    const parts = [];
    let end = 0;
    for (const mention of mentions) {
      if (mention.start < end) continue;
      parts.push(text.slice(end, mention.start), this.mention(text.slice(mention.start, mention.end), mention));
      end = mention.end;
    }
    parts.push(text.slice(end));
    this.out.replaceChildren(element("p", { class: "letter border rounded p-2" }, ...parts));
  }

  mention(words, mention) {
    const said = ["excluded", "uncertain", "relative"].filter((name) => mention[name]).map((name) => this.out.dataset[name]);
    const ours = !mention.relative && !mention.uncertain;
    const marked = element("mark", { class: ours ? "mention" : "mention mention-other" }, words);
    const label = `${mention.label}${said.length ? `: ${said.join(", ")}` : ""}`;
    const choice = element("span", { class: "mention-choice" }, ` ${label} `);
    const choices = [{ id: mention.id, label: mention.label }, ...mention.others];
    for (const one of choices) {
      const line = `${mention.excluded ? "no " : ""}${one.label} (${one.id})`;
      const text = choices.length > 1 ? one.label : this.out.dataset.take;
      choice.append(element("button", {
        type: "button", class: "btn btn-sm btn-outline-primary py-0 me-1", "aria-label": `${this.out.dataset.take}: ${label}`,
        onclick: () => { this.lines.add(line); choice.remove(); marked.classList.add("taken"); },
      }, text));
    }
    choice.append(element("button", {
      type: "button", class: "btn btn-sm btn-outline-secondary py-0", "aria-label": `${this.out.dataset.leave}: ${label}`,
      onclick: () => { choice.remove(); marked.replaceWith(words); },
    }, this.out.dataset.leave));
    return element("span", {}, marked, choice);
  }
}

// What is typed is kept as a draft two seconds after the last key.
class Draft {
  constructor() {
    this.state = document.getElementById("draft-state");
    this.timer = 0;
    this.under_way = new AbortController();
    form.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.keep(), 2000);
    });
    // What is sent now is no draft any more, unless it only opens the preview.
    form.addEventListener("submit", (event) => {
      if (event.submitter?.getAttribute("formtarget")) return;
      clearTimeout(this.timer);
      this.under_way.abort();
    });
  }

  async keep() {
    try {
      const answer = await fetch(form.dataset.draft, {
        method: "POST", body: new FormData(form), redirect: "error", signal: this.under_way.signal,
      });
      this.state.textContent = answer.ok ? this.state.dataset.kept : this.state.dataset.lost;
    } catch {
      this.state.textContent = this.state.dataset.lost;
    }
  }
}

const pickers = Object.fromEntries([...document.querySelectorAll(".picker")].map((box) => [box.dataset.kind, new Picker(box)]));
new Letter(pickers.terms.lines);
new Draft();
