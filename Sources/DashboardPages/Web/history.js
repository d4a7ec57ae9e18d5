// What was judged, by filters, which stand in the address: a list can be sent on, and saved.
import { ask, askLines, byId, count, el, fail, fill, head, milliseconds, number, partLink, pill, regionWords, showReadiness, succeed, time } from "/assets/common.js";
import { scoreHistory } from "/assets/charts.js";

const page = 100;
let shown = [], asked = 0;

/// The filters of the form as parameters of the API.
function parameters() {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(byId("filters"))) {
    if (value === "") continue;
    query.set(name, name === "since" || name === "until" ? new Date(value).toISOString() : value);
  }
  return query;
}

function where(verdict) {
  if (verdict.regions.length === 0) return verdict.reasons.map((reason) => reason.code).join(", ");
  const rest = verdict.regions.length - 1;
  return regionWords(verdict.regions[0]) + (rest > 0 ? `, ${rest} more` : "");
}

function row(verdict) {
  return el("tr", {}, el("td", { class: "right extra" }, verdict.seq), el("td", { class: "time" }, time(verdict.times.decided_ns, true).split(" ").map((word) => [el("span", {}, word), " "])), el("td", { class: "text" }, partLink(verdict)),
    el("td", {}, pill(verdict.evaluation)), el("td", { class: "right" }, number(verdict.score)), el("td", { class: "right" }, number(verdict.threshold)),
    el("td", { class: "where" }, where(verdict)), el("td", { class: "text" }, verdict.part_type ?? "–"), el("td", { class: "text" }, verdict.source),
    el("td", { class: "right extra" }, milliseconds(verdict.durations_ms.total)));
}

async function load(isMore) {
  const query = parameters();
  for (const [id, format] of [["csv", "csv"], ["json", "jsonl"]]) {
    const whole = new URLSearchParams(query);
    whole.set("format", format);
    whole.set("download", "1");
    byId(id).href = `/api/verdicts?${whole}`;
  }
  query.set("format", "summary");
  query.set("order", "newest");
  query.set("limit", String(page));
  if (isMore && shown.length > 0) {
    query.delete("order");
    query.set("below", String(shown[shown.length - 1].seq));
  }
  asked += 1;
  const turn = asked, verdicts = await askLines(`/api/verdicts?${query}`);
  // Another was asked for meanwhile: an answer that comes late is none.
  if (turn !== asked) return;
  succeed();
  shown = isMore ? shown.concat(verdicts) : verdicts;
  fill(byId("rows"), shown.map(row));
  byId("more").hidden = verdicts.length < page;
  byId("count").textContent = shown.length === 0 ? "No verdict is as asked for" : `${count(shown.length)}${verdicts.length < page ? "" : " newest"} verdicts`;
  fill(byId("chart"), scoreHistory([...shown].reverse(), { width: Math.max(480, byId("chart").clientWidth) }));
  document.body.setAttribute("data-loaded", String(shown.length));
}

/// From the address into the form.
function restore() {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of query) {
    const field = byId("filters").elements.namedItem(name);
    if (field) field.value = value;
  }
}

function remember() {
  const query = new URLSearchParams([...new FormData(byId("filters"))].filter(([, value]) => value !== ""));
  history.replaceState(null, "", query.size > 0 ? `?${query}` : location.pathname);
}

byId("filters").addEventListener("submit", (event) => {
  event.preventDefault();
  remember();
  load(false).catch(fail);
});
byId("filters").addEventListener("reset", () => setTimeout(() => {
  remember();
  load(false).catch(fail);
}));
byId("more").addEventListener("click", () => load(true).catch(fail));

try {
  await head("/history");
  restore();
  await load(false);
  const status = await ask("/api/status");
  showReadiness(status);
  fill(byId("types"), status.models.map((model) => el("option", { value: model.part_type })));
  fill(byId("names"), status.sources.map((source) => el("option", { value: source.name })));
} catch (error) {
  fail(error);
}
