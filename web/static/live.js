// The nodes of a search: asked again every half second until all have answered or failed.

const list = document.getElementById("live-nodes");
const words = list.dataset;

function line(node) {
  const item = document.createElement("li");
  const name = document.createElement("strong");
  name.textContent = node.name;
  const said = document.createElement("span");
  if (node.state === "asking") said.textContent = `: ${words.asking}`;
  else if (node.state === "answered") said.textContent = `: ${words.answered} (${node.results}), ${node.seconds.toFixed(1)} s`;
  else {
    said.className = "text-danger-emphasis";
    said.textContent = `: ${node.said}${node.error ? `: ${node.error}` : ""}, ${node.seconds.toFixed(1)} s`;
  }
  item.append(name, said);
  for (const [place, id] of node.matches.entries()) {
    const link = document.createElement("a");
    link.href = words.match.replace("MATCH", id);
    link.className = "ms-2";
    link.textContent = `${words.similar} ${place + 1}`;
    item.append(link);
  }
  return item;
}

async function look() {
  let progress;
  try {
    const answer = await fetch(words.progress, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    progress = await answer.json();
  } catch {
    setTimeout(look, 2000);
    return;
  }
  list.replaceChildren(...progress.nodes.map(line));
  if (progress.done) document.getElementById("live-done").hidden = false;
  else setTimeout(look, 500);
}

look();
