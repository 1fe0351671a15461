// Candidates from a VCF: the header is asked first, then the file is sent, and what is ticked becomes lines of the form.

import { ask, element, form } from "./page.js";

const START = 2 ** 20; // bytes of the header that are sent first

export class VariantFile {
  constructor(lines) {
    this.lines = lines;
    this.box = document.getElementById("vcf");
    this.words = this.box.dataset;
    this.file = document.getElementById("vcf-file");
    this.people = document.getElementById("vcf-people");
    this.state = document.getElementById("vcf-state");
    this.out = document.getElementById("vcf-found");
    this.button = document.getElementById("vcf-read");
    this.file.addEventListener("change", () => this.look());
    this.button.addEventListener("click", () => this.read());
  }

  async look() {
    this.out.replaceChildren();
    this.people.hidden = this.button.hidden = true;
    const file = this.file.files[0];
    if (!file) return;
    const body = new FormData();
    body.append("start", file.slice(0, START), "start");
    const header = await this.post(this.words.header, body);
    if (!header) return;
    for (const who of ["child", "mother", "father"]) {
      const choices = header.samples.map((name) => element("option", { value: name }, name));
      if (who !== "child") choices.unshift(element("option", { value: "" }, this.words.nobody));
      document.getElementById(`vcf-${who}`).replaceChildren(...choices);
    }
    document.getElementById("vcf-assembly").value = header.assembly ?? "";
    document.getElementById("vcf-assembly").disabled = Boolean(header.assembly);
    this.people.hidden = this.button.hidden = false;
    this.say(header.annotation ? "" : this.words.plain);
  }

  async read() {
    const body = new FormData();
    body.append("vcf", this.file.files[0], "variants");
    for (const name of ["child", "mother", "father", "assembly"]) body.append(name, document.getElementById(`vcf-${name}`).value);
    body.append("findings", document.getElementById("findings").value);
    body.append("sex", document.getElementById("sex").value);
    this.say(this.words.reading);
    this.button.disabled = true;
    const found = await this.post(this.words.candidates, body);
    this.button.disabled = false;
    if (found) this.show(found);
  }

  show(found) {
    const boxes = [];
    const rows = found.genes.map((gene) => element("li", { class: "list-group-item px-0 py-1" },
      element("div", {}, element("strong", {}, gene.name), ` ${gene.modes.map((mode) => this.words[mode.replaceAll(" ", "")]).join(", ")}`,
        gene.disease ? element("span", { class: "small text-body-secondary" }, ` · ${this.words.like} ${gene.disease}`) : ""),
      ...gene.variants.map((one) => {
        const box = element("input", { type: "checkbox", class: "form-check-input me-1", value: one.line });
        boxes.push(box);
        return element("label", { class: "d-block small who" }, box, one.line, one.said ? element("span", { class: "text-body-secondary" }, ` · ${one.said}`) : "");
      })));
    const take = element("button", {
      type: "button", class: "btn btn-sm btn-primary mt-2",
      onclick: () => {
        this.lines.add(...boxes.filter((box) => box.checked).map((box) => box.value));
        this.out.replaceChildren();
        this.say(this.words.taken);
      },
    }, this.words.take);
    const shown = found.genes.length ? this.words.shown.replace("00", found.n_genes).replace("0", found.genes.length) : this.words.none;
    this.out.replaceChildren(element("p", { class: "small mb-1" }, shown),
      element("ul", { class: "list-group list-group-flush vcf-list" }, ...rows), found.genes.length ? take : "");
    this.say(found.notes.join(" "));
  }

  async post(address, body) {
    const answer = await ask(address, { method: "POST", body }, [422, 413, 503]).catch(() => ({ message: this.words.failed }));
    if (!answer.message) return answer;
    this.say(answer.message);
    return null;
  }

  say(text) {
    this.state.textContent = text;
  }
}
