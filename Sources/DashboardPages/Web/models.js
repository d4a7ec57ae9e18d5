import { ask, byId, el, fail, fill, head, number, showReadiness } from "/assets/common.js";

try {
  await head("/models");
  const models = await ask("/api/models");
  fill(byId("rows"), models.length === 0 ? el("tr", {}, el("td", { colspan: 7, class: "soft" }, "None: `scanward teach` makes one of good parts, and the configuration names it for their type.")) : models.map((model) => el("tr", {}, el("td", {}, el("a", { href: `/models/${model.id}` }, model.part_type)),
    el("td", {}, model.version), el("td", {}, model.profile ?? "–"), el("td", { class: "right" }, number(model.threshold)),
    el("td", { class: "right" }, model.good_parts), el("td", {}, model.created.replace("T", " ").replace("Z", " UTC")),
    el("td", { class: "mono" }, model.id.slice(0, 12)))));
  showReadiness(await ask("/api/status"));
} catch (error) {
  fail(error);
}
