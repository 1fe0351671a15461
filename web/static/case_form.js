// The case form: pickers that write the lines below them, a letter, a VCF, a draft kept while typing.
// Without this script the form works with its text areas alone.

import { GenePicker } from "./gene_picker.js";
import { Letter } from "./letter.js";
import { form, renew } from "./page.js";
import { TermPicker } from "./term_picker.js";
import { VariantFile } from "./vcf.js";

// What is typed is kept as a draft two seconds after the last key, and once more before it is sent: when the session
// has ended meanwhile, or the node does not answer, the page stays as it is and says what to do.
class Draft {
  constructor() {
    this.state = document.getElementById("draft-state");
    this.timer = 0;
    this.under_way = new AbortController();
    form.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.keep(), 2000);
    });
    form.addEventListener("submit", (event) => this.submit(event));
  }

  async submit(event) {
    const button = event.submitter;
    if (button?.getAttribute("formtarget")) return; // the preview, in another window
    clearTimeout(this.timer);
    this.under_way.abort();
    if (button?.hasAttribute("formnovalidate") || this.sure) return; // thrown away, or kept just now
    event.preventDefault();
    this.sure = await this.keep();
    if (this.sure) form.requestSubmit(button);
    else this.state.scrollIntoView({ block: "center" });
  }

  async keep() {
    this.under_way.abort();
    this.under_way = new AbortController();
    const { signal } = this.under_way;
    const send = () => fetch(form.dataset.draft, { method: "POST", body: new FormData(form), redirect: "error", signal });
    let kept = false;
    try {
      const answer = await send();
      kept = answer.ok || (answer.status === 400 && (await renew()) && (await send()).ok);
    } catch {
      if (signal.aborted) return false;
    }
    this.state.textContent = kept ? this.state.dataset.kept : this.state.dataset.lost;
    this.state.classList.toggle("alert", !kept);
    this.state.classList.toggle("alert-danger", !kept);
    return kept;
  }
}

const terms = new TermPicker(document.querySelector(".picker[data-kind=terms]"));
const genes = new GenePicker(document.querySelector(".picker[data-kind=genes]"));
new Letter(terms.lines);
new VariantFile(genes.lines);
new Draft();
