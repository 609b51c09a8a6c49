// Keeps what is typed in this tab's own storage, where it outlives a lost circuit and a reload, and goes with the tab.
const MOST_CHARACTERS = 400_000;
const key = name => `kept:${name}`;

export const read = name => sessionStorage.getItem(key(name));

export function keep(name, text) {
  try {
    if (text && text.length <= MOST_CHARACTERS) { sessionStorage.setItem(key(name), text); } else { sessionStorage.removeItem(key(name)); }
  } catch { /* full, or not allowed: typing goes on without */ }
}

/** Keeps what is typed into the control of that id, letter by letter. */
export function listen(name, id) {
  const onInput = event => { if (event.target.id === id) { keep(name, event.target.value); } };
  document.addEventListener('input', onInput);
  return { dispose: () => document.removeEventListener('input', onInput) };
}
