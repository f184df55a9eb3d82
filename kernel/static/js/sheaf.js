// Small conveniences on top of pages that already work without them.
(() => {
  "use strict";
  const page = document.documentElement;
  page.classList.add("js");

  const plain = (number, step) => {
    const digits = (String(step).split(".")[1] || "").length;
    return String(Number(number.toFixed(digits)));
  };

  const step = (button) => {
    const input = button.closest("[data-stepper]").querySelector("input");
    const size = Number(input.step) || 1;
    const most = input.max === "" ? Infinity : Number(input.max);
    const wanted = (Number(input.value) || 0) + size * Number(button.dataset.step);
    input.value = plain(Math.min(most, Math.max(Number(input.min) || 0, wanted)), size);
    input.dispatchEvent(new Event("change", { bubbles: true }));
  };

  const copy = async (button) => {
    await navigator.clipboard.writeText(button.dataset.copy);
    say(button.dataset.done, "ok");
  };

  const say = (text, kind) => {
    const region = document.getElementById("notices");
    if (!region || !text) return;
    const box = document.createElement("div");
    const words = document.createElement("p");
    box.className = `notice notice-${kind}`;
    words.textContent = text;
    box.append(words);
    region.append(box);
    setTimeout(() => box.remove(), 6000);
  };

  const countPicked = (form) => {
    const count = form.querySelectorAll("tbody input[type=checkbox]:checked").length;
    form.querySelector("[data-bulk-count]").textContent = count;
    form.querySelector("[data-bulk-bar]").hidden = count === 0;
  };

  const waiting = new Map();
  const autosave = (form) => {
    clearTimeout(waiting.get(form));
    const send = () => waiting.delete(form) && form.isConnected && form.requestSubmit();
    waiting.set(form, setTimeout(send, 350));
  };

  // An answer that a newer press or what was typed meanwhile has outdated is not shown.
  let focused = null;
  const beforeSwap = (event) => {
    const { detail, target } = event;
    if ([...waiting.keys()].some((form) => target.contains(form))) detail.shouldSwap = false;
    const fields = target.matches("[data-keep-typed]") ? [...target.querySelectorAll("input")] : [];
    if (fields.some((field) => field.value !== field.defaultValue)) detail.shouldSwap = false;
    const active = document.activeElement;
    focused = target.contains(active) ? active.getAttribute("aria-label") : null;
  };

  const afterSwap = (event) => {
    prepare(event.target);
    const again = focused && document.querySelector(`[aria-label="${CSS.escape(focused)}"]`);
    if (again && document.activeElement === document.body) again.focus();
  };

  const guard = (form, dirty) => {
    const bar = form.querySelector("[data-unsaved]");
    if (dirty) form.dataset.dirty = "";
    else delete form.dataset.dirty;
    if (bar) bar.hidden = !dirty;
  };

  const prepare = (root) => {
    root.querySelectorAll("form[data-bulk]").forEach(countPicked);
    const problem = root.querySelector("[data-focus]");
    if (problem) problem.focus();
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-step], [data-copy], [data-dismiss]");
    if (!button) return;
    if (button.dataset.step) step(button);
    else if (button.dataset.copy) copy(button);
    else button.closest(".notice").remove();
  });

  document.addEventListener("change", (event) => {
    const { form } = event.target;
    if (!form) return;
    if (event.target.matches("[data-autosubmit]")) form.requestSubmit();
    else if (form.matches("[data-autosave]")) autosave(form);
    else if (form.matches("[data-bulk]")) countPicked(form);
  });

  document.addEventListener("input", (event) => {
    if (event.target.form?.matches("[data-guard]")) guard(event.target.form, true);
  });
  document.addEventListener("reset", (event) => guard(event.target, false));
  document.addEventListener("submit", (event) => {
    const form = event.target;
    guard(form, false);
    // A second press while the first is on its way does nothing; htmx forms queue by themselves.
    if (form.method !== "post" || form.hasAttribute("hx-post")) return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));
  window.addEventListener("beforeunload", (event) => {
    if (document.querySelector("form[data-dirty]")) event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    document.querySelectorAll("details[data-menu][open]").forEach((menu) => menu.contains(event.target) || menu.removeAttribute("open"));
  });

  document.addEventListener("htmx:sendError", () => say(document.body.dataset.offline, "error"));
  document.addEventListener("htmx:responseError", () => say(document.body.dataset.offline, "error"));
  document.addEventListener("htmx:beforeSwap", beforeSwap);
  document.addEventListener("htmx:afterSettle", afterSwap);
  // A guess of ours gives way to what the browser knows; the change tells htmx to ask again.
  const ownZone = () => document.querySelectorAll("select[data-own-zone]").forEach((select) => {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (select.value === zone || ![...select.options].some((option) => option.value === zone)) return;
    select.value = zone;
    select.dispatchEvent(new Event("change", { bubbles: true }));
  });
  document.addEventListener("htmx:load", ownZone, { once: true });
  document.addEventListener("DOMContentLoaded", () => prepare(document));
})();
