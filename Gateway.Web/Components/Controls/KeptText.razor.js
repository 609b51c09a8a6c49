// Keeps what is typed in this tab's own storage, where it outlives a lost circuit and a reload, and goes with the tab.
const MOST_CHARACTERS = 400_000;
const key = name => `kept:${name}`;
// Of a form: what is in the controls that were not left yet, or were left while the gateway was away, by their ids.
const typedKey = name => `typed:${name}`;

export const read = name => sessionStorage.getItem(key(name));

export const readTyped = name => JSON.parse(sessionStorage.getItem(typedKey(name)));

/** What was typed is part of `text` from now on, but for the control that it is typed into; of all where it is over. */
export function keep(name, text, isOver) {
  store(key(name), text);
  const { id } = document.activeElement ?? {};
  const typed = readTyped(name);
  store(typedKey(name), !isOver && typed && id in typed ? JSON.stringify({ [id]: typed[id] }) : '');
}

/** Keeps what is typed into the control of that id, letter by letter. */
export const listen = (name, id) => onInput(target => { if (target.id === id) { store(key(name), target.value); } });

/** Keeps what is typed into the controls of a form, but for secrets. */
export const listenWithin = (name, selector) => onInput(target => {
  if (target.id && target.closest(selector) && !target.matches('[type=checkbox], [type=password], [data-secret]')) {
    store(typedKey(name), JSON.stringify({ ...readTyped(name), [target.id]: target.value }));
  }
});

/** Types it again, as far as the controls are there, and leaves them. */
export function retype(typed) {
  for (const [id, value] of Object.entries(typed)) {
    const control = document.getElementById(id);
    if (!control) { continue; }
    control.value = value;
    for (const event of ['input', 'change', 'focusout']) { control.dispatchEvent(new Event(event, { bubbles: true })); }
  }
}

function onInput(keepOf) {
  const listener = event => keepOf(event.target);
  document.addEventListener('input', listener);
  return { dispose: () => document.removeEventListener('input', listener) };
}

function store(key, text) {
  try {
    if (text && text.length <= MOST_CHARACTERS) { sessionStorage.setItem(key, text); } else { sessionStorage.removeItem(key); }
  } catch { /* full, or not allowed: typing goes on without */ }
}
