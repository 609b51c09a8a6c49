// The page on which the holder of a key sees its use. Text from the server is only ever set as text.
const main = document.querySelector('.own-key');
const form = document.getElementById('own-key-form');
const input = document.getElementById('own-key');
const period = document.getElementById('own-window');
const problem = document.getElementById('own-problem');
const result = document.getElementById('own-result');
const snippets = document.getElementById('own-snippets');
const templates = [...snippets.querySelectorAll('[data-snippet]')].map(element => ({ element, text: element.textContent }));

const number = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const money = value => value === null || value === undefined ? 'unknown' : '$' + (Number(value) >= 1 ? Number(value).toFixed(2) : Number(value).toPrecision(3).replace(/\.?0+$/, ''));
// By the browser's clock: whoever holds a key has no account to choose another with.
const time = value => {
  if (!value) { return '–'; }
  const at = new Date(value);
  const offset = -at.getTimezoneOffset();
  const two = n => String(n).padStart(2, '0');
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`;
  return `${new Date(at.getTime() + offset * 60000).toISOString().slice(0, 16).replace('T', ' ')} ${zone}`;
};
const left = value => value === null || value === undefined ? '–' : number.format(value);
const duration = ms => ms >= 1000 ? `${(ms / 1000).toFixed(ms < 10000 ? 2 : 1)} s` : `${number.format(ms)} ms`;
const requests = n => `${number.format(n)} ${n === 1 ? 'request' : 'requests'}`;
const limit = value => value ? number.format(value) : '∞';

const make = (tag, className, ...children) => {
  const element = document.createElement(tag);
  if (className) { element.className = className; }
  element.append(...children.filter(c => c !== null && c !== undefined));
  return element;
};
const card = (title, ...children) => make('section', 'card card-body stack', make('h2', null, title), ...children);
const figure = (label, value, note) => make('div', 'own-figure', make('span', 'small quiet', label), make('strong', 'num', value), note ? make('span', 'small muted', note) : null);

// On a phone a text has the whole width of its card.
const longest = 24;
// Columns of figures stand right: those whose cells are all figures.
const figures = rows => (rows[0] ?? []).map((_, i) => rows.every(r => /^[$]?[\d,.]+$|^[∞–]$|^unknown$/.test(String(r[i] ?? '–'))));

function table(caption, heads, rows) {
  const right = figures(rows);
  const head = make('tr', null, ...heads.map((h, i) => { const cell = make('th', right[i] ? 'right' : null, h); cell.scope = 'col'; return cell; }));
  const body = rows.map(cells => make('tr', null, ...cells.map((c, i) => {
    const cell = make('td', i === 0 ? 'lead' : right[i] ? 'right num' : String(c ?? '').length > longest ? 'wide' : null, String(c ?? '–'));
    cell.dataset.label = heads[i];
    return cell;
  })));
  return make('div', 'table-wrap', make('table', 'table fold', make('caption', 'visually-hidden', caption), make('thead', null, head), make('tbody', null, ...body)));
}

// A bar for each interval, with what the tallest is and from when to when they go; the figures themselves stand in the title of each.
function bars(series) {
  const most = Math.max(...series.map(p => p.requests + p.refused_requests));
  const ns = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(ns, 'svg');
  svg.setAttribute('viewBox', `0 0 ${series.length * 10} 100`);
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', 'Requests over time');
  svg.classList.add('own-bars');
  series.forEach((point, i) => {
    const good = point.requests - point.failed_requests;
    let top = 100;
    for (const [count, name] of [[good, 'good'], [point.failed_requests, 'bad'], [point.refused_requests, 'refused']]) {
      const height = count / Math.max(1, most) * 96;
      top -= height;
      const bar = document.createElementNS(ns, 'rect');
      bar.setAttribute('x', i * 10 + 1);
      bar.setAttribute('width', 8);
      bar.setAttribute('y', top);
      bar.setAttribute('height', height);
      bar.setAttribute('class', name);
      const title = document.createElementNS(ns, 'title');
      title.textContent = `${time(point.start)}: ${requests(point.requests + point.refused_requests)}, ${point.failed_requests} failed, ${point.refused_requests} refused, ${money(point.cost_usd)}`;
      bar.append(title);
      svg.append(bar);
    }
  });
  const span = make('div', 'row apart wrap small quiet',
    make('span', null, time(series[0].start)),
    make('span', null, `tallest: ${requests(most)}; failed in red, refused in amber`),
    make('span', null, time(series.at(-1).start)));
  return make('div', 'stack tight', svg, span);
}

function budgetOf(budget) {
  const standing = budget.standing;
  if (!standing) { return make('p', 'muted', `${budget.name}: not in force now.`); }
  const meter = document.createElement('meter');
  meter.max = 100;
  meter.high = 80;
  meter.optimum = 0;
  meter.value = Math.min(100, standing.used_percent);
  meter.setAttribute('aria-label', `${budget.name}, used`);
  const words = [`${money(standing.spent_usd)} of ${money(standing.amount_usd)} (${budget.of === 'team' ? 'your team' : 'this key'})`];
  if (standing.window_ends_at) { words.push(`starts anew ${time(standing.window_ends_at)}`); }
  if (standing.spent_by_forecast) { words.push(`at this rate spent by ${time(standing.spent_by_forecast)}`); }
  if (!budget.hard) { words.push('a warning only'); }
  return make('div', 'own-budget', make('strong', null, budget.name), meter, make('span', 'small muted', words.join(' · ')));
}

function show(view, key) {
  const usage = view.usage;
  const p95 = usage.duration_ms ? duration(usage.duration_ms.p95) : '–';
  const facts = [
    view.team ? `Team ${view.team}` : null,
    view.owner ? `Owner ${view.owner}` : null,
    view.endpoints.length ? `May be used for ${view.endpoints.join(', ').replace('_', '-')} only` : null,
    view.networks.length ? `May be used from ${view.networks.join(', ')} only` : null,
    view.expires_at ? `Expires ${time(view.expires_at)}` : 'Never expires',
    view.replaced_until ? `This text of the key ends ${time(view.replaced_until)}: it was rotated, ask for the new one` : null,
  ].filter(Boolean).join(' · ');
  // Refused calls that named no model of ours used nothing.
  const models = usage.groups.filter(g => g.requests > 0);
  result.replaceChildren(
    card(view.name, make('p', 'muted', `${view.key_prefix}… · ${facts}`),
      make('div', 'own-figures',
        figure('Requests', number.format(usage.requests + usage.refused_requests), usage.refused_requests ? `${number.format(usage.refused_requests)} refused` : null),
        figure('Failed', number.format(usage.failed_requests)),
        figure('Cost', money(usage.cost_usd), usage.unknown_cost_requests ? `${number.format(usage.unknown_cost_requests)} without a price` : null),
        figure('Tokens in', number.format(usage.input_tokens), usage.cached_input_tokens ? `${number.format(usage.cached_input_tokens)} cached` : null),
        figure('Tokens out', number.format(usage.output_tokens)),
        figure('p95', p95)),
      usage.series.length ? bars(usage.series) : null),
    card('Budgets', ...(view.budgets.length ? view.budgets.map(budgetOf) : [make('p', 'muted', 'None is set on this key or its team.')])),
    card('Limits', view.limits.length
      ? table('Limits', ['On', 'Requests a minute', 'Left now', 'Tokens a minute', 'Left now', 'At the same time'],
        view.limits.map(l => [l.of === 'key' ? 'this key' : l.of === 'team' ? 'your team' : 'everybody', limit(l.rpm), left(l.remaining_requests), limit(l.tpm), left(l.remaining_tokens), limit(l.max_parallel)]))
      : make('p', 'muted', 'Nothing is limited.')),
    card('By model', models.length
      ? table('Usage by model', ['Model', 'Requests', 'Tokens in', 'Tokens out', 'Cost'],
        models.map(g => [g.name || 'no model', number.format(g.requests), number.format(g.input_tokens), number.format(g.output_tokens), money(g.cost_usd)]))
      : make('p', 'muted', 'No call in this time.')),
    card('Failed calls', view.failures.length
      ? table('The newest failed calls', ['At', 'Model', 'Status', 'Why', 'Request id'],
        view.failures.map(f => [time(f.at), f.model, f.status, f.message || f.kind.replaceAll('_', ' '), f.request_id]))
      : make('p', 'muted', 'None in this time.')),
    card('Models', make('p', null, view.models.length ? view.models.join(', ') : 'This key may use no model at the moment.')));
  for (const { element, text } of templates) {
    element.textContent = text.replaceAll('{{url}}', main.dataset.baseUrl).replaceAll('{{key}}', key).replaceAll('{{model}}', view.models[0] ?? 'your-model');
  }
  result.hidden = snippets.hidden = false;
}

function fail(message) {
  problem.textContent = message;
  problem.hidden = false;
  result.hidden = snippets.hidden = true;
}

async function load() {
  const key = input.value.trim();
  if (!key) { return; }
  problem.hidden = true;
  form.setAttribute('aria-busy', 'true');
  try {
    const answer = await fetch(`${main.dataset.endpoint}?window=${period.value}`, { headers: { Authorization: `Bearer ${key}` }, credentials: 'omit', cache: 'no-store' });
    const body = await answer.json();
    if (answer.ok) { show(body, key); } else { fail(answer.status === 401 ? 'This key is not known, expired, was revoked, or may not be used from where you are. Check that it was copied whole.' : body.detail); }
  } catch {
    fail('The gateway did not answer. Try again in a moment.');
  } finally {
    form.removeAttribute('aria-busy');
  }
}

form.addEventListener('submit', event => { event.preventDefault(); load(); });
period.addEventListener('change', load);
