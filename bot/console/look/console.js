// Dark or light is remembered in a cookie, so that the server draws its charts for it.
const qunzhuIsDark = () => document.cookie.includes("qunzhu_dark=1");
const qunzhuSetDark = (on) => {
  document.cookie = `qunzhu_dark=${on ? 1 : 0}; path=/; max-age=31536000; samesite=lax`;
};
const qunzhuDark = () => { qunzhuSetDark(!qunzhuIsDark()); location.reload(); };
const qunzhuFirstLook = () => {
  if (!document.cookie.includes("qunzhu_dark=")) {
    qunzhuSetDark(matchMedia("(prefers-color-scheme: dark)").matches);
  }
};
const qunzhuSignIn = async (token) => {
  qunzhuFirstLook();
  const answer = await fetch("/api/v1/session", {
    method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify({token}),
  });
  return answer.status;
};
// What stands under this name is brought into sight, once it is there.
const qunzhuScrollTo = (name) => setTimeout(
  () => document.querySelector(`[data-testid="${name}"]`)?.scrollIntoView({block: "start"}), 100);
