// How far a job is: asked every second; when it ends, the page is loaded again and says how.

const job = document.getElementById("job");
const done = job.querySelector("[data-done]");

async function look() {
  try {
    const answer = await fetch(job.dataset.progress, { headers: { Accept: "application/json" } });
    if (answer.ok) {
      const progress = await answer.json();
      if (progress.state !== "running") {
        location.reload();
        return;
      }
      if (done) done.textContent = progress.done.toLocaleString(document.documentElement.lang);
    } else if (answer.status === 404 || answer.redirected) {
      location.reload();
      return;
    }
  } catch {
    // The network is away for a moment: the next look may succeed.
  }
  setTimeout(look, 1000);
}

look();
