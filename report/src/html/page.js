
(() => {
  "use strict";
  const byId = (id) => document.getElementById(id);
  const open = (target) => {
    for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
  };
  const openTarget = () => {
    const target = location.hash.length > 1 && byId(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    open(target);
    target.scrollIntoView();
  };
  addEventListener("hashchange", openTarget);
  openTarget();

  const form = byId("filters");
  if (!form) return;
  const search = byId("search");
  const selects = ["tier", "provider", "kind", "usage"].map((name) => byId("filter-" + name));
  const [tier, provider, kind, usage] = selects;
  const labels = new Map(selects.map((select) => [select, [...select.options].map((option) => option.text)]));
  const systems = [...document.querySelectorAll(".system")].map((element) => ({
    element,
    floor: Number(element.dataset.floor),
    ceiling: Number(element.dataset.ceiling),
    components: [...element.querySelectorAll(".component")].map((part) => ({ part, kind: part.dataset.k, provider: part.dataset.p, usage: part.dataset.u, shown: true })),
    text: null,
  }));
  const findings = [...document.querySelectorAll("[data-system]")];
  const counted = (number, noun) => number.toLocaleString("en") + " " + noun + (number === 1 ? "" : "s");

  const textOf = (system) => (system.text ??= [...system.element.querySelectorAll(".n")].map((name) => name.textContent).join("\n").toLowerCase());
  const inTier = (system, value) => value === "" || (system.floor <= value && value <= system.ceiling);
  const fits = (component, but) =>
    (but === kind || !kind.value || component.kind === kind.value) &&
    (but === provider || !provider.value || component.provider === provider.value) &&
    (but === usage || !usage.value || component.usage === usage.value);

  // How many systems each choice would leave, given all other choices.
  const recount = (candidates) => {
    for (const select of selects) {
      const counts = new Map();
      for (const system of candidates) {
        if (select !== tier && !inTier(system, tier.value)) continue;
        if (select === tier) {
          if (!system.components.length && !(kind.value || provider.value || usage.value) || system.components.some((component) => fits(component)))
            for (let step = system.floor; step <= system.ceiling; step++) counts.set(String(step), (counts.get(String(step)) ?? 0) + 1);
          continue;
        }
        const key = select === kind ? "kind" : select === provider ? "provider" : "usage";
        for (const value of new Set(system.components.filter((component) => fits(component, select)).map((component) => component[key])))
          counts.set(value, (counts.get(value) ?? 0) + 1);
      }
      const names = labels.get(select);
      for (let index = 1; index < names.length; index++) {
        const label = `${names[index]} (${counts.get(select.options[index].value) ?? 0})`;
        if (select.options[index].text !== label) select.options[index].text = label;
      }
    }
  };

  const apply = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const byPart = Boolean(kind.value || provider.value || usage.value);
    const candidates = words.length ? systems.filter((system) => words.every((word) => textOf(system).includes(word))) : systems;
    const found = new Set(candidates.filter((system) => inTier(system, tier.value) && (!byPart || system.components.some((component) => fits(component)))));
    let parts = 0;
    for (const system of systems) {
      const shown = found.has(system);
      if (system.element.hidden === shown) system.element.hidden = !shown;
      if (!shown) continue;
      let changed = false;
      for (const component of system.components) {
        const fit = fits(component);
        if (fit) parts++;
        if (fit === component.shown) continue;
        component.shown = fit;
        component.part.hidden = !fit;
        changed = true;
      }
      if (changed) for (const group of system.element.querySelectorAll(".kind")) group.hidden = !group.querySelector(".component:not([hidden])");
    }
    const ids = new Set([...found].map((system) => system.element.id));
    let left = 0;
    for (const finding of findings) {
      finding.hidden = found.size < systems.length && !ids.has("s-" + finding.dataset.system);
      if (!finding.hidden) left++;
    }
    const all = found.size === systems.length && !byPart;
    byId("count").textContent = all
      ? `${counted(found.size, "system")}, ${counted(parts, "component")}`
      : `${found.size.toLocaleString("en")} of ${counted(systems.length, "system")}, ${counted(parts, "component")}`;
    if (findings.length) byId("finding-count").textContent = left === findings.length ? counted(left, "finding") : `${left} of ${counted(findings.length, "finding")}, those of the systems shown`;
    byId("nothing").hidden = found.size > 0;
    recount(candidates);
  };

  let waiting = 0;
  search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(apply, 80);
  });
  for (const select of selects) select.addEventListener("change", apply);
  form.addEventListener("reset", () => setTimeout(apply));
  form.addEventListener("submit", (event) => event.preventDefault());

  const all = byId("open-all");
  all.addEventListener("click", () => {
    const opening = all.textContent === "Open all";
    for (const system of systems) if (!system.element.hidden) system.element.open = opening;
    all.textContent = opening ? "Close all" : "Open all";
  });
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = systems.map((system) => system.element).filter((element) => !element.open && !element.hidden);
    for (const element of closed) element.open = true;
  });
  addEventListener("afterprint", () => {
    for (const element of closed) element.open = false;
  });
  form.hidden = false;
  all.hidden = false;
  apply();
})();
