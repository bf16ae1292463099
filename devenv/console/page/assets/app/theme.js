// Before the page is drawn, so that a chosen theme does not flash up in the other one.
// Not a module: those wait for the document.
(() => {
  const chosen = localStorage.getItem("theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
})();
