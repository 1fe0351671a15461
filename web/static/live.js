// Results of other nodes as they arrive. The list stays as it is while somebody reads it, until the button is pressed.

import { localise } from "./times.js";

const asked = document.getElementById("asked");
const listed = document.getElementById("listed");
const said = document.getElementById("asked-said");
const nodes = document.getElementById("asked-nodes");
const overview = document.getElementById("overview");
const button = document.getElementById("show-arrived");
const MOST = 300; // looks: a node that is never asked must not keep a page busy
const written = new Map();
let looks = 0;
let known = null;
let fresh = null;

const parsed = (text) => new DOMParser().parseFromString(text, "text/html").body;
const entries = (root) => [...root.querySelectorAll("[data-match]")];

async function get(address) {
  const answer = await fetch(address);
  if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
  return answer;
}

function arrived(root) {
  const shown = new Set(entries(listed).map((entry) => entry.dataset.match));
  return entries(root).filter((entry) => !shown.has(entry.dataset.match));
}

function show() {
  for (const entry of arrived(fresh)) {
    entry.classList.add("arrived");
    entry.closest("details")?.setAttribute("open", "");
  }
  const isOpen = listed.querySelector("#faint")?.open;
  listed.replaceChildren(...fresh.childNodes);
  if (isOpen) listed.querySelector("#faint")?.setAttribute("open", "");
  button.hidden = true;
}

async function offer() {
  fresh = parsed(await (await get(asked.dataset.list)).text());
  const n = arrived(fresh).length;
  button.querySelector("span").textContent = n;
  if (n && !entries(listed).length) show();
  else button.hidden = n === 0;
}

function put(place, html) {
  if (!place || written.get(place) === html) return;
  written.set(place, html);
  place.replaceChildren(...parsed(html).childNodes);
  localise(place);
}

async function look() {
  let wait = 500;
  try {
    const progress = await (await get(asked.dataset.progress)).json();
    if (said.textContent !== progress.said) said.textContent = progress.said;
    put(nodes, progress.nodes);
    put(overview, progress.overview);
    // The page itself may be older than the first look: what it holds is compared then too.
    if (progress.matches.some((id) => !known?.has(id))) await offer();
    known = new Set(progress.matches);
    if (progress.done) return;
  } catch {
    wait = 2000; // the network is away for a moment, or the session ended
  }
  looks += 1;
  if (looks < MOST) setTimeout(look, wait);
}

button.addEventListener("click", () => {
  show();
  listed.querySelector(".arrived a")?.focus();
});
look();
