// One term with what is above, beside and below it: a dialog that is walked with buttons, by keyboard or mouse.

import { ask, element, form } from "./page.js";

export class Tree {
  constructor(picker) {
    this.picker = picker;
    this.words = picker.words;
    this.title = element("h2", { class: "h5 mb-1", id: "tree-title", tabindex: "-1" });
    this.body = element("div");
    this.dialog = element("dialog", { class: "tree rounded border p-3", "aria-labelledby": "tree-title" },
      element("div", { class: "d-flex gap-2" }, this.title,
        element("button", { type: "button", class: "btn-close ms-auto", "aria-label": this.words.close, onclick: () => this.dialog.close() })),
      this.body);
    this.dialog.addEventListener("close", () => (this.from?.isConnected ? this.from : picker.input).focus());
    document.body.append(this.dialog);
  }

  async open(id, from = null) {
    this.from = from;
    if (await this.load(id)) this.dialog.showModal();
    this.title.focus();
  }

  async load(id) {
    let term;
    try {
      term = await ask(`${form.dataset.terms}/${id}`);
    } catch {
      this.picker.said.textContent = this.words.none;
      return false;
    }
    this.title.replaceChildren(term.label, element("span", { class: "term-id" }, ` (${term.id})`));
    const everyday = term.layperson.length ? `${this.words.layperson}: ${term.layperson.join(", ")}` : "";
    this.body.replaceChildren(
      element("p", { class: "mb-1" }, term.definition ?? this.words.nodefinition),
      everyday ? element("p", { class: "small mb-1" }, everyday) : "",
      element("p", { class: "mb-2 d-flex gap-2 flex-wrap" },
        this.taker(term, false, "btn-primary", this.words.takeyes), this.taker(term, true, "btn-outline-primary", this.words.takeno)),
      this.group(this.words.parents, term.parents, true),
      this.group(this.words.children, term.children, true),
      this.group(this.words.siblings, term.siblings, false));
    return true;
  }

  taker(term, excluded, look, text) {
    return element("button", {
      type: "button", class: `btn btn-sm ${look}`,
      onclick: () => { this.picker.add(term, excluded); this.picker.input.value = ""; this.dialog.close(); },
    }, text);
  }

  group(name, terms, open) {
    if (!terms.length) return "";
    const items = terms.map((one) => element("li", {}, element("button", {
      type: "button", class: "btn btn-sm btn-link p-0 text-start",
      onclick: async () => { if (await this.load(one.id)) this.title.focus(); },
    }, `${one.label} (${one.id})`)));
    return element("details", open ? { open: "" } : {},
      element("summary", {}, `${name} (${terms.length})`), element("ul", { class: "list-unstyled ms-3 mb-1" }, ...items));
  }
}
