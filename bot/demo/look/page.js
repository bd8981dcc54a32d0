// The virtual clock and its countdowns run on between two messages of the server, and the chat
// stays at its newest line unless one has scrolled away from it.
(() => {
  const zone = "Asia/Shanghai";
  const day = new Intl.DateTimeFormat("zh-CN", { timeZone: zone, month: "long", day: "numeric", weekday: "short" });
  const time = new Intl.DateTimeFormat("zh-CN", { timeZone: zone, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
  const two = (n) => String(n).padStart(2, "0");
  const state = { at: null, speed: 0, since: 0, follows: true };

  const now = () => state.at + (performance.now() - state.since) * state.speed;

  const countdown = (ms) => {
    let seconds = Math.max(0, Math.floor(ms / 1000));
    const days = Math.floor(seconds / 86400), hours = Math.floor(seconds / 3600) % 24;
    const minutes = Math.floor(seconds / 60) % 60;
    seconds %= 60;
    if (days) return `${days}天 ${hours}:${two(minutes)}:${two(seconds)}`;
    return hours ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
  };

  const put = (element, text) => { if (element.textContent !== text) element.textContent = text; };

  const draw = () => {
    if (state.at === null) return;
    const at = now();
    document.querySelectorAll("[data-clock=day]").forEach((e) => put(e, day.format(at)));
    document.querySelectorAll("[data-clock=time]").forEach((e) => put(e, time.format(at)));
    document.querySelectorAll("[data-due]").forEach((e) => put(e, countdown(Number(e.dataset.due) - at)));
    document.querySelectorAll("[data-since]").forEach((e) => put(e, countdown(at - Number(e.dataset.since))));
  };

  const chat = () => document.querySelector(".chat-lines");
  const bottom = () => { const c = chat(); if (c) { state.follows = true; c.scrollTop = c.scrollHeight; } };

  const watch = () => {
    const c = chat();
    if (!c) return setTimeout(watch, 50);
    c.addEventListener("scroll", () => { state.follows = c.scrollHeight - c.scrollTop - c.clientHeight < 80; });
    new MutationObserver(() => { if (state.follows) bottom(); }).observe(c, { childList: true, subtree: true });
    new ResizeObserver(() => { if (state.follows) bottom(); }).observe(c);
    bottom();
    new MutationObserver(unfold).observe(document.querySelector(".side"), { childList: true, subtree: true });
  };

  // Told a time a little behind what is shown, we wait for it rather than run backwards.
  const time_is = (at, speed) => {
    const ahead = state.at === null || speed !== state.speed ? 0 : now() - at;
    const shown = ahead > 0 && ahead < 2000 * speed ? now() : at;
    Object.assign(state, { at: shown, speed, since: performance.now() });
    draw();
  };

  // Days that were unfolded stay so when the calendar is written anew.
  const unfolded = new Set();
  const unfold = () => document.querySelectorAll("[data-fold]").forEach((e) => { e.open = unfolded.has(e.dataset.fold); });
  document.addEventListener("toggle", ({ target }) => {
    if (target.dataset.fold) unfolded[target.open ? "add" : "delete"](target.dataset.fold);
  }, true);

  window.demo = { time: time_is, bottom };
  setInterval(draw, 100);
  watch();
})();
