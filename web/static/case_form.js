// The case form: pickers that write the lines below them, a letter, a VCF, a draft kept while typing.
// Without this script the form works with its text areas alone.

import { GenePicker } from "./gene_picker.js";
import { Letter } from "./letter.js";
import { form } from "./page.js";
import { TermPicker } from "./term_picker.js";
import { VariantFile } from "./vcf.js";

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

const terms = new TermPicker(document.querySelector(".picker[data-kind=terms]"));
const genes = new GenePicker(document.querySelector(".picker[data-kind=genes]"));
new Letter(terms.lines);
new VariantFile(genes.lines);
new Draft();
