// What all parts of the case form share: making elements, asking the node, the lines behind a list.

export const form = document.getElementById("case-form");
const token = form.querySelector("input[name=csrf_token]");

export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "class") made.className = value;
    else if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

// The JSON of an answer; one of a status in `refusals` says in `message` what was wrong with what was sent.
export async function ask(address, options = {}, refusals = []) {
  const answer = await fetch(address, { headers: { Accept: "application/json", "X-CSRFToken": token.value }, ...options });
  const readable = answer.ok || refusals.includes(answer.status);
  if (!readable || answer.redirected) throw new Error(String(answer.status));
  return answer.json();
}

// After somebody signed in again in another window, a form is only taken with a token of the new session.
export async function renew() {
  const answer = await fetch(location.href, { redirect: "error" });
  const shown = new DOMParser().parseFromString(await answer.text(), "text/html");
  token.value = shown.querySelector("#case-form input[name=csrf_token]")?.value ?? token.value;
  return answer.ok;
}

// A list of lines in a text area; each is shown as a row that can be changed without typing.
export class Lines {
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
  add(...lines) {
    const fresh = lines.filter((line, place) => !this.all.includes(line) && lines.indexOf(line) === place);
    if (fresh.length) this.all = [...this.all, ...fresh];
  }
  replace(place, line) {
    const lines = this.all;
    if (line === null) lines.splice(place, 1);
    else lines[place] = line;
    this.all = lines;
  }
}
