// The picker of genes: a pasted list comes in whole, and a name that means several genes is asked for.

import { ask, element, form } from "./page.js";
import { Picker } from "./picker.js";

export class GenePicker extends Picker {
  constructor(box) {
    super(box);
    this.meant = new Map(); // what the node says of a line
    this.input.addEventListener("paste", (event) => this.paste(event));
    this.show();
    if (this.lines.all.length) this.look(this.area.value, false);
  }

  // An alias of several genes is asked, never guessed.
  isOpen(typed, hits) {
    const same = (text) => (text ?? "").toLowerCase() === typed.toLowerCase();
    this.several = !hits.some((hit) => same(hit.symbol)) && hits.filter((hit) => same(hit.matched)).length > 1;
    return this.several;
  }

  offer() {
    super.offer(this.several ? this.words.several : "");
  }

  option(hit) {
    return [
      element("span", { class: "fw-semibold" }, hit.symbol),
      element("span", { class: "term-id" }, ` (${hit.id})`),
      hit.matched ? element("span", { class: "small text-body-secondary" }, ` · ${hit.matched}`) : "",
      element("span", { class: "small d-block text-body-secondary text-truncate" }, hit.name ?? ""),
    ];
  }

  take(place) {
    const hit = this.hits[place];
    if (!hit) return;
    this.lines.add(hit.symbol);
    this.taken();
  }

  paste(event) {
    const text = event.clipboardData.getData("text");
    if (!/[\n\t;,|]/.test(text.trim())) return;
    event.preventDefault();
    this.look(text, true);
  }

  async look(text, add) {
    let found = [];
    try {
      found = await ask(form.dataset.genelist, { method: "POST", body: new URLSearchParams({ text }) });
    } catch {
      if (add) this.lines.add(...text.split(/[\n\t;,|]+/).map((line) => line.trim()).filter(Boolean));
      return;
    }
    for (const one of found) this.meant.set(one.line, one);
    if (!add) return this.show();
    this.lines.add(...found.map((one) => one.line));
    const open = found.filter((one) => !one.known).length;
    this.said.textContent = `${this.words.added.replace("0", found.length)} ${open ? this.words.open.replace("0", open) : ""}`;
  }

  show() {
    super.show();
    this.rows.classList.toggle("picker-many", this.lines.all.length > 4);
  }

  row(line, place) {
    const found = this.meant.get(line);
    const doubtful = found && !found.known;
    const parts = [element("span", { class: `flex-grow-1 picker-name${doubtful ? " text-danger" : ""}` }, line)];
    if (doubtful) {
      parts.push(element("span", { class: "small" }, found.choices.length ? this.words.several : this.words.unknowngene));
      const rest = line.split("; ").slice(1);
      parts.push(...found.choices.map((one) => element("button", {
        type: "button", class: "btn btn-sm btn-outline-primary py-0", title: one.name,
        onclick: () => { this.lines.replace(place, [one.symbol, ...rest].join("; ")); this.input.focus(); },
      }, one.symbol)));
    }
    return element("li", { class: "list-group-item d-flex flex-wrap gap-2 align-items-center px-0 py-1" }, ...parts, this.remover(line, place));
  }
}
