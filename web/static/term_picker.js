// The picker of findings: present, not present or not known; onset and severity of each; the tree around it.

import { element } from "./page.js";
import { Picker } from "./picker.js";
import { Tree } from "./tree.js";

const EXCLUDED = /^(?:no|not|without|-|−)\s+/i;
const UNKNOWN = /^\?\s*/;

export class TermPicker extends Picker {
  constructor(box) {
    super(box);
    this.choices = { onset: names(document.getElementById("onset")), severity: names(document.getElementById("severity-choices")) };
    this.tree = new Tree(this);
    this.show();
  }

  option(hit) {
    const how = hit.matched ? `${hit.layperson ? `${this.words.layperson}: ` : ""}${hit.matched}` : "";
    return [
      element("span", { class: "fw-semibold" }, hit.label),
      element("span", { class: "term-id" }, ` (${hit.id})`),
      how ? element("span", { class: "small text-body-secondary" }, ` · ${how}`) : "",
      element("span", { class: "small d-block text-body-secondary text-truncate" },
        `${hit.parents.length ? `${this.words.below} ${hit.parents.join(", ")}. ` : ""}${hit.definition ?? ""}`),
    ];
  }

  key(event) {
    if (event.altKey && event.key === "ArrowRight" && this.active >= 0) {
      event.preventDefault();
      const hit = this.hits[this.active];
      this.close();
      return this.tree.open(hit.id);
    }
    super.key(event);
  }

  take(place, excluded) {
    const hit = this.hits[place];
    if (!hit) return;
    this.add(hit, excluded);
    this.taken();
  }

  add(term, excluded) {
    if (!this.lines.has(term.id)) this.lines.add(`${excluded ? "no " : ""}${term.label} (${term.id})`);
  }

  row(line, place) {
    const [first, ...rest] = line.split(/\s*;\s*/);
    const state = UNKNOWN.test(first) ? "unknown" : EXCLUDED.test(first) ? "no" : "yes";
    const name = first.replace(UNKNOWN, "").replace(EXCLUDED, "");
    const said = Object.fromEntries(rest.map((part) => part.split(/\s*:\s*/)).filter((pair) => pair.length === 2));
    const id = name.match(/\((HP:\d{7})\)/)?.[1];
    const write = (change) => {
      const all = { state, ...said, ...change };
      const start = { yes: "", no: "no ", unknown: "? " }[all.state];
      return [start + name, ...["onset", "severity"].filter((one) => all[one]).map((one) => `${one}: ${all[one]}`)].join("; ");
    };
    const chooser = (kind, options, label) => element("select", {
      class: `form-select form-select-sm w-auto picker-${kind}`, "aria-label": `${label}: ${name}`,
      onchange: (event) => this.change(place, write({ [kind]: event.target.value }), `.picker-${kind}`),
    }, ...options);
    const states = ["yes", "no", "unknown"].map((one) => option(one, this.words[one], one === state));
    const details = element("details", { class: "small picker-details" }, element("summary", {}, this.words.details),
      element("div", { class: "d-flex gap-2 flex-wrap mt-1" },
        ...["onset", "severity"].map((kind) =>
          chooser(kind, [option("", `${this.words[kind]} …`, !said[kind]),
            ...this.choices[kind].map((one) => option(one, one, one === said[kind]))], this.words[kind])),
        id ? element("button", {
          type: "button", class: "btn btn-sm btn-outline-secondary", "aria-label": `${this.words.browse}: ${name}`,
          onclick: (event) => this.tree.open(id, event.target),
        }, this.words.browse) : ""));
    details.open = Boolean(rest.length) || this.opened === name;
    details.addEventListener("toggle", () => { if (details.open) this.opened = name; });
    return element("li", { class: `list-group-item px-0 py-1 picker-${state}` },
      element("div", { class: "d-flex gap-2 align-items-center" },
        element("span", { class: "flex-grow-1 picker-name" }, name),
        chooser("state", states, this.words.state), this.remover(name, place)), details);
  }
}

function option(value, text, selected) {
  return element("option", selected ? { value, selected: "" } : { value }, text);
}

function names(select) {
  return [...select.options].map((one) => one.text).filter(Boolean);
}
