// Moments as the reader's clock shows them; what the server wrote, in UTC, stays in the title.

const language = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang;
const day = new Intl.DateTimeFormat(language, { dateStyle: "medium" });
const minute = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });

export function localise(root) {
  for (const time of root.querySelectorAll("time[data-show]")) {
    const moment = new Date(time.dateTime);
    if (!Number.isNaN(moment.getTime())) time.textContent = (time.dataset.show === "day" ? day : minute).format(moment);
  }
}

localise(document);
