// Loaded in <head>, before anything is painted: applies the remembered theme and sidebar, then follows the system's wish
// while the choice is "system". The page's scripts and Blazor components talk to window.consoleTheme.
(() => {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const read = (key, fallback) => {
    try { return localStorage.getItem(key) ?? fallback; } catch { return fallback; }
  };
  const write = (key, value) => {
    try { localStorage.setItem(key, value); } catch { /* private mode: forgotten with the tab */ }
  };
  const root = document.documentElement;
  const apply = () => {
    const choice = read('console.theme', 'system');
    root.dataset.theme = choice === 'system' ? (dark.matches ? 'dark' : 'light') : choice;
    root.dataset.themeChoice = choice;
    window.dispatchEvent(new Event('console-theme'));
  };
  const restore = () => {
    root.dataset.sidebar = read('console.sidebar', 'open');
    apply();
  };
  dark.addEventListener('change', apply);
  restore();
  // A page that changes its own address while it loads is fetched and merged by Blazor, which takes from <html> what the server did not send.
  new MutationObserver(() => { if (!root.dataset.theme) { restore(); } }).observe(root, { attributeFilter: ['data-theme'] });

  window.consoleTheme = {
    /** What the server cannot know of this browser. */
    browser: () => ({ theme: root.dataset.themeChoice, zone: Intl.DateTimeFormat().resolvedOptions().timeZone }),
    set: choice => { write('console.theme', choice); apply(); },
    sidebar: () => root.dataset.sidebar,
    toggleSidebar: () => {
      root.dataset.sidebar = root.dataset.sidebar === 'open' ? 'small' : 'open';
      write('console.sidebar', root.dataset.sidebar);
      return root.dataset.sidebar;
    },
  };
})();
