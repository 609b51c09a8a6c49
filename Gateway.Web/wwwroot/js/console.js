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

// The focus of dialogs. A dialog takes it at once and gives it back at once to what opened it: a fast hand types meanwhile. Radzen
// does the first half a second late and the second after a round trip, and so takes it away again from where it was gone to.
const openers = [];
const focusable = 'input, select, textarea, button, a[href], summary, [tabindex]:not([tabindex="-1"])';
const dialogOf = node => node.querySelector?.('.rz-dialog-content') ?? null;
new MutationObserver(changes => {
  for (const { addedNodes, removedNodes } of changes) {
    for (const node of addedNodes) {
      const content = dialogOf(node);
      if (!content || openers.some(o => o.content === content)) { continue; }
      const before = document.activeElement;
      openers.push({ content, opener: before?.closest('details.menu')?.querySelector('summary') ?? before });
      ([...content.querySelectorAll(focusable)].find(e => !e.disabled && e.offsetParent !== null) ?? node.querySelector('button'))?.focus();
    }
    for (const node of removedNodes) {
      const at = openers.findIndex(o => o.content === dialogOf(node));
      if (at < 0) { continue; }
      const [{ opener }] = openers.splice(at, 1);
      // Unless something else has taken it: a dialog that follows, a page's own heading.
      if (document.activeElement === document.body || !document.activeElement) {
        const same = opener?.isConnected ? opener : twinOf(opener);
        (same ?? document.getElementById('main'))?.focus();
      }
    }
  }
}).observe(document.body, { childList: true, subtree: true });

// What opened a dialog may have been drawn anew meanwhile.
const twinOf = opener => {
  const name = opener?.getAttribute?.('aria-label');
  return (opener?.id && document.getElementById(opener.id)) || (name && document.querySelector(`[aria-label="${CSS.escape(name)}"]`)) || null;
};
document.addEventListener('DOMContentLoaded', () => { if (window.Radzen) { window.Radzen.restoreDialogInvokerFocus = () => { window.Radzen.dialogInvokerElement = null; }; } });

// Radzen listens for Escape a round trip after a dialog is there; one that comes before is kept until then.
document.addEventListener('keydown', event => {
  const dialog = [...document.querySelectorAll('.rz-dialog-content')].at(-1);
  if (event.key !== 'Escape' || !dialog || dialog.options) { return; }
  const again = () => {
    if (dialog.options) { document.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' })); }
    else if (dialog.isConnected) { setTimeout(again, 50); }
  };
  again();
});

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

// In a field with choices (KeySelect.razor) Enter chooses instead of sending the form, the arrows walk the list, and Escape closes it
// instead of the dialog around it. Whoever comes to it types over what is chosen.
document.addEventListener('keydown', event => {
  if (!event.target.matches?.('[data-choices]')) { return; }
  if (['Enter', 'ArrowUp', 'ArrowDown'].includes(event.key)) { event.preventDefault(); }
  if (event.key === 'Escape' && event.target.getAttribute('aria-expanded') === 'true') {
    event.stopImmediatePropagation();
    event.target.dispatchEvent(new Event('cancel', { bubbles: true }));
  }
}, true);
document.addEventListener('focusin', event => { if (event.target.matches?.('[data-choices]')) { event.target.select(); } });

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

// What is chosen among choices that are longer than their list is seen.
new MutationObserver(changes => {
  for (const { target } of changes) { document.getElementById(target.getAttribute('aria-activedescendant') ?? '')?.scrollIntoView({ block: 'nearest' }); }
}).observe(document.body, { subtree: true, attributes: true, attributeFilter: ['aria-activedescendant'] });
