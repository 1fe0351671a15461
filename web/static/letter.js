// A letter marked up in place: each mention is taken or left one by one; the text goes nowhere else.

import { ask, element, form } from "./page.js";

export class Letter {
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

