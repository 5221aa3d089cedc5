// Runs before anything is painted. Plain script, a file of its own: the page's security policy
// allows no script inside the page.
(function () {
  "use strict";
  var root = document.documentElement;
  try {
    var theme = localStorage.getItem("theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    // Somebody left quickly, and "back" was pressed: show nothing and move on again.
    var away = sessionStorage.getItem("away");
    var entry = performance.getEntriesByType("navigation")[0];
    if (away && entry && entry.type === "back_forward") {
      root.classList.add("covered");
      location.replace(away);
    } else if (away) {
      sessionStorage.removeItem("away");
    }
  } catch (error) {
    // Storage is switched off: there is no theme and no mark to look at.
  }
  // A page kept in memory by the browser is never shown again.
  addEventListener("pageshow", function (event) {
    if (!event.persisted) return;
    root.classList.add("covered");
    var left = null;
    try {
      left = sessionStorage.getItem("away");
    } catch (error) {
      // As above.
    }
    if (left) location.replace(left);
    else location.reload();
  });
})();
