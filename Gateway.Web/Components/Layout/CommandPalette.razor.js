// The console's keys: Ctrl or Cmd with K opens the palette, g and a letter goes to a page, / goes to the page's filter, ?
// shows the sheet. None is heard while somebody types, but the palette's own.
const TWO_KEYS_MS = 1200;

export function listen(dialog, sheet, dotnet) {
  let pending = 0;
  const tell = (method, ...values) => dotnet.invokeMethodAsync(method, ...values).catch(() => { });
  const open = () => {
    if (!dialog.open) { tell('OnOpen').then(() => { if (!dialog.open) { dialog.showModal(); dialog.querySelector('input').focus(); } }); }
  };
  const onKey = event => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === 'k') {
      event.preventDefault();
      if (dialog.open) { dialog.close(); } else { open(); }
      return;
    }
    const typing = event.target.closest?.('input, textarea, select, [contenteditable="true"], [role="dialog"], dialog');
    if (typing || event.ctrlKey || event.metaKey || event.altKey) { return; }
    if (pending && performance.now() - pending < TWO_KEYS_MS) {
      pending = 0;
      if (/^[a-z]$/.test(event.key)) { event.preventDefault(); event.stopImmediatePropagation(); tell('OnLetter', event.key); }
      return;
    }
    pending = event.key === 'g' ? performance.now() : 0;
    if (event.key === '?') { event.preventDefault(); sheet.showModal(); }
    if (event.key === '/') {
      const filter = document.querySelector('main [data-focus="filter"], main input[type="search"]');
      if (filter) { event.preventDefault(); filter.focus(); filter.select(); }
    }
  };
  // In a list that arrows walk, the caret stays where it is.
  const onArrow = event => { if (['ArrowUp', 'ArrowDown'].includes(event.key)) { event.preventDefault(); } };
  const onClick = event => {
    if (event.target === event.currentTarget || event.target.closest('[data-close]')) { event.currentTarget.close(); }
  };
  const onPress = event => { if (event.target.closest?.('[data-palette]')) { open(); } };
  document.addEventListener('keydown', onKey, true);
  document.addEventListener('click', onPress);
  dialog.addEventListener('keydown', onArrow);
  dialog.addEventListener('click', onClick);
  sheet.addEventListener('click', onClick);
  dialog.dataset.ready = '';
  return {
    close: () => dialog.close(),
    dispose: () => {
      document.removeEventListener('keydown', onKey, true);
      document.removeEventListener('click', onPress);
    },
  };
}
