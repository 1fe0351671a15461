// Pickers of findings and genes: a combobox that finds by any words, and a list of what was taken (ARIA 1.2, combobox).

import { ask, element, form, Lines } from "./page.js";

const KEPT = 50; // answers kept, so that what was typed before is shown at once

export class Picker {
  constructor(box) {
    this.box = box;
    this.kind = box.dataset.kind;
    this.words = box.dataset;
    this.hits = [];
    this.active = -1;
    this.answers = new Map();
    this.asking = null;
    const id = `pick-${this.kind}`;
    this.input = element("input", {
      id, class: "form-control", type: "text", role: "combobox", autocomplete: "off", spellcheck: "false",
      "aria-expanded": "false", "aria-controls": `${id}-list`, "aria-autocomplete": "list", "aria-haspopup": "listbox",
      "aria-label": this.words.label, "aria-describedby": `${id}-help`, placeholder: this.words.label,
    });
    this.list = element("ul", {
      id: `${id}-list`, role: "listbox", "aria-label": this.words.label, class: "list-group picker-list", hidden: "",
    });
    this.said = element("div", { id: `${id}-said`, class: "visually-hidden", role: "status", "aria-live": "polite" });
    this.rows = element("ul", { class: "list-group list-group-flush picker-rows" });
    this.area = document.getElementById(box.dataset.for);
    this.lines = new Lines(this.area, () => this.show());
    const details = element("details", { class: "small" }, element("summary", {}, this.words.more));
    this.area.before(details);
    details.append(this.area);
    if (this.area.classList.contains("is-invalid")) details.open = true;
    const help = element("div", { id: `${id}-help`, class: "form-text mt-0" }, this.words.help);
    box.append(this.rows, element("div", { class: "position-relative" }, this.input, this.list), help, this.said);
    this.input.addEventListener("input", () => this.search());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => setTimeout(() => { if (document.activeElement !== this.input) this.close(); }, 150));
  }

  async search() {
    const typed = this.input.value.trim();
    this.asking?.abort();
    if (typed.length < 2) return this.close();
    const asking = (this.asking = new AbortController());
    let hits = this.answers.get(typed);
    try {
      hits ??= await ask(`${form.dataset[this.kind]}?q=${encodeURIComponent(typed)}`, { signal: asking.signal });
    } catch {
      if (!asking.signal.aborted) this.close();
      return;
    }
    if (asking.signal.aborted) return; // a later question is under way
    this.answers.set(typed, hits);
    if (this.answers.size > KEPT) this.answers.delete(this.answers.keys().next().value);
    this.hits = hits;
    this.active = hits.length && !this.isOpen(typed, hits) ? 0 : -1;
    this.offer();
  }

  isOpen() {
    return false;
  }

  offer(notice = "") {
    const options = this.hits.map((hit, place) =>
      element("li", {
        role: "option", id: `${this.input.id}-${place}`, class: "list-group-item list-group-item-action py-1",
        "aria-selected": String(place === this.active),
        onmousedown: (event) => { event.preventDefault(); this.take(place, event.shiftKey); },
      }, ...this.option(hit)));
    if (!options.length) options.push(element("li", { class: "list-group-item py-1 small" }, this.words.none));
    if (notice) options.unshift(element("li", { class: "list-group-item py-1 small fw-semibold", role: "presentation" }, notice));
    this.list.replaceChildren(...options);
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.said.textContent = notice || (this.hits.length ? this.words.found.replace("0", this.hits.length) : this.words.none);
    this.mark();
  }

  mark() {
    for (const option of this.list.querySelectorAll("[role=option]")) {
      const chosen = option.id === `${this.input.id}-${this.active}`;
      option.classList.toggle("active", chosen);
      option.setAttribute("aria-selected", String(chosen));
      if (chosen) option.scrollIntoView({ block: "nearest" });
    }
    if (this.active >= 0) this.input.setAttribute("aria-activedescendant", `${this.input.id}-${this.active}`);
    else this.input.removeAttribute("aria-activedescendant");
  }

  key(event) {
    const last = this.hits.length - 1;
    const open = !this.list.hidden;
    if (event.key === "ArrowDown" && !open) this.search();
    else if (event.key === "ArrowDown") this.active = Math.min(last, this.active + 1);
    else if (event.key === "ArrowUp" && open) this.active = Math.max(0, this.active - 1);
    else if (event.key === "Escape" && open) this.close();
    else if (event.key === "Enter") {
      event.preventDefault(); // Enter in a picker never sends the form
      if (this.active >= 0 && open) this.take(this.active, event.shiftKey);
      return;
    } else return;
    event.preventDefault();
    this.mark();
  }

  taken() {
    this.input.value = "";
    this.close();
    this.input.focus();
  }

  close() {
    this.asking?.abort();
    this.list.hidden = true;
    this.hits = [];
    this.active = -1;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  show() {
    this.rows.replaceChildren(...this.lines.all.map((line, place) => this.row(line, place)));
  }

  remover(name, place) {
    return element("button", {
      type: "button", class: "btn-close btn-sm", "aria-label": `${this.words.remove}: ${name}`,
      onclick: () => { this.lines.replace(place, null); this.input.focus(); },
    });
  }

  // Change a line and stay at the same control of its row.
  change(place, line, control) {
    this.lines.replace(place, line);
    this.rows.children[place]?.querySelector(control)?.focus();
  }
}
