// Small services that components call by name; no component markup is made here.
window.consolePage = {
  copy: async text => {
    try { await navigator.clipboard.writeText(text); return true; } catch { /* plain http: no clipboard API */ }
    const area = Object.assign(document.createElement('textarea'), { value: text });
    area.setAttribute('readonly', '');
    area.className = 'offscreen';
    document.body.append(area);
    area.select();
    const copied = document.execCommand('copy');
    area.remove();
    return copied;
  },
  /** Saves a text as a file. */
  download: (name, type, text) => {
    const url = URL.createObjectURL(new Blob([text], { type }));
    const link = Object.assign(document.createElement('a'), { href: url, download: name });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  },
  /** Whether panels beside the content stand above it instead (pages.css). */
  isNarrow: () => matchMedia('(max-width: 960px)').matches,
  scrollToEnd: (element, onlyWhenNear) => {
    if (element && (!onlyWhenNear || element.scrollHeight - element.scrollTop - element.clientHeight < 160)) {
      element.scrollTop = element.scrollHeight;
    }
  },
  /** Calls `method` of `target` whenever `element` comes into sight. */
  whenSeen: (element, target, method) => {
    const observer = new IntersectionObserver(entries => {
      if (entries.some(e => e.isIntersecting)) { target.invokeMethodAsync(method).catch(() => { }); }
    }, { rootMargin: '200px' });
    if (element) { observer.observe(element); }
    return { dispose: () => observer.disconnect() };
  },
  /** Sends single-letter keys and Escape to `target`, except while someone types or holds a modifier. */
  shortcuts: (target, keys) => {
    const onKey = event => {
      const typing = event.target.closest?.('input, textarea, select, [contenteditable="true"], [role="dialog"]');
      if (!keys.includes(event.key) || event.ctrlKey || event.metaKey || event.altKey || (typing && event.key !== 'Escape')) { return; }
      if (event.key === 'Escape' && document.querySelector('.rz-dialog, dialog[open]')) { return; }
      event.preventDefault();
      target.invokeMethodAsync('OnShortcutAsync', event.key).catch(() => { });
    };
    document.addEventListener('keydown', onKey);
    return { dispose: () => document.removeEventListener('keydown', onKey) };
  },
};

// The reconnect panel's buttons; Blazor toggles the panel's classes itself.
document.addEventListener('click', event => {
  const action = event.target.closest?.('[data-reconnect]')?.dataset.reconnect;
  if (action === 'retry') { window.Blazor?.reconnect?.().then(ok => { if (!ok) { location.reload(); } }, () => { }); }
  if (action === 'reload') { location.reload(); }
});

// Arrow keys on a step move it (ChainGraph.razor); the page stays where it is.
document.addEventListener('keydown', event => {
  if (['ArrowUp', 'ArrowDown'].includes(event.key) && event.target.closest?.('[data-reorder]')) { event.preventDefault(); }
});

// Menus made of <details> close when something else is clicked, or with Escape.
const openMenus = except => [...document.querySelectorAll('details.menu[open], details.query-help[open]')].filter(menu => !menu.contains(except));
document.addEventListener('click', event => { for (const menu of openMenus(event.target)) { menu.open = false; } });
document.addEventListener('keydown', event => {
  const menus = event.key === 'Escape' ? openMenus(null) : [];
  for (const menu of menus) { menu.open = false; menu.querySelector('summary').focus(); }
  if (menus.length > 0) { event.stopImmediatePropagation(); }
}, true);

// Pictures pasted into a message go where chosen ones go (PlaygroundPage.razor).
document.addEventListener('paste', event => {
  const input = document.getElementById(event.target.closest?.('[data-paste-files]')?.dataset.pasteFiles ?? '');
  if (input && event.clipboardData?.files.length > 0) {
    event.preventDefault();
    input.files = event.clipboardData.files;
    input.dispatchEvent(new Event('change', { bubbles: true }));
  }
});
