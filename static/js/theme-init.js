// @ts-check
/* What must be known before the first paint: the chosen theme, and whether the drawer is open.
   A classic script in <head>, because modules run too late and the page would flash. */
(() => {
  const root = document.documentElement;
  /** @param {string} name */
  const stored = (name) => {
    try {
      return localStorage.getItem(name);
    } catch {
      return null;
    }
  };
  const theme = stored("tagloop:theme");
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  const narrow = matchMedia("(max-width: 40rem)").matches;
  root.dataset.drawer = narrow ? "closed" : (stored("tagloop:drawer") ?? "open");
})();
