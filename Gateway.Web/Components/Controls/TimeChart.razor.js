// Draws one chart and keeps it in step with the theme. Colours are names of custom properties in tokens.css.
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const short = v => v < 100 ? +v.toFixed(1) : Math.round(v);
const units = {
  count: v => (Math.abs(v) < 10 && v % 1 !== 0 ? v.toFixed(1) : compact.format(v)),
  duration: us => us === 0 ? '0' : us < 1000 ? `${short(us)} µs` : us < 1e6 ? `${short(us / 1000)} ms` : us < 6e7 ? `${short(us / 1e6)} s` : `${short(us / 6e7)} min`,
  usd: v => v === 0 ? '$0' : v < 1 && `${+v.toPrecision(3)}`.length > 3 ? `$${+v.toPrecision(3)}` : `$${v.toFixed(2)}`,
  part: v => `${(v * 100).toFixed(v < 0.1 ? 1 : 0)}%`,
};
const steps = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];
/** Where the axis ends: four even steps, not far above what is shown. The library's own steps leave half of it empty. */
function axisEnd(top, unit) {
  if (!(top > 0)) { return unit === 'part' ? 1 : 4; }
  const magnitude = 10 ** Math.floor(Math.log10(top / 4));
  const whole = unit === 'count' && Math.abs(top - Math.round(top)) < 0.01;
  // The library adds a hair to bars, which must not cost a step.
  const step = steps.map(s => s * magnitude).find(s => s > top / 4 * 0.999 && (!whole || Number.isInteger(s)));
  return unit === 'part' ? Math.min(4 * step, 1) : 4 * step;
}
/** With the separators of whoever looks. */
const written = (text, { group, point }) => {
  const [whole, ...rest] = text.split('.');
  return [whole.replace(/\B(?=(\d{3})+(?!\d))/g, group), ...rest].join(point);
};
const offsetAt = ({ offsets }, time) => (offsets.findLast(([since]) => since <= time) ?? offsets[0])[1] * 60000;
// The axis knows no zones. It is given all times moved alike, so that its days begin at midnight of the clock as it went last; what a mark
// before a change of the clock is called is put right by `relabel`.
const shiftOf = ({ offsets }) => offsets.at(-1)[1] * 60000;
/** Puts the axis' marks right where the clock went otherwise then. Of those that are days apart it does not matter: an hour is less than they are wide. */
function relabel({ el, w: { globals: { minX, maxX, gridWidth, timescaleLabels } } }, clock) {
  const narrow = maxX - minX < 2.5 * 86_400_000;
  [...el.querySelectorAll('.apexcharts-xaxis-label')].forEach((label, i) => {
    const mark = timescaleLabels[i];
    if (!mark || !narrow) { return; }
    const time = Math.round((minX + (maxX - minX) * mark.position / gridWidth) / 60_000) * 60_000 - shiftOf(clock);
    const offset = offsetAt(clock, time);
    if (offset === shiftOf(clock)) { return; }
    const then = new Date(time + offset).toISOString();
    const text = then.slice(11, 16) === '00:00' ? then.slice(5, 10) : then.slice(11, 16);
    for (const part of label.querySelectorAll('tspan, title')) { part.textContent = text; }
  });
}
function stamp(clock, time) {
  const offset = offsetAt(clock, time);
  const minutes = Math.abs(offset / 60000);
  const two = n => String(n).padStart(2, '0');
  const zone = clock.utc ? 'UTC' : `${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
  return `${new Date(time + offset).toISOString().slice(0, 16).replace('T', ' ')} ${zone}`;
}
const token = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

async function library() {
  // The script is deferred; a first page may be drawn before it has run.
  for (let i = 0; i < 200 && !window.ApexCharts; i++) { await new Promise(next => setTimeout(next, 25)); }
  if (!window.ApexCharts) { throw new Error('lib/apexcharts/apexcharts.min.js did not load'); }
  return window.ApexCharts;
}

/** A point without neighbours has no line to be seen by. */
const alone = series => series.flatMap((s, seriesIndex) => s.data.flatMap(([, y], dataPointIndex) =>
  y != null && s.data[dataPointIndex - 1]?.[1] == null && s.data[dataPointIndex + 1]?.[1] == null
    ? [{ seriesIndex, dataPointIndex, size: 3, fillColor: token(s.colour), strokeColor: token(s.colour), shape: 'circle' }] : []));

function options(look, series) {
  const { kind, unit, height, bare, clock } = look;
  const bars = kind === 'StackedBars' || kind === 'Bars';
  const type = bars ? 'bar' : kind === 'Area' ? 'area' : 'line';
  const mixed = bars && series.some(s => s.dashed);
  const banded = series.some(s => s.lower);
  const format = v => written((units[unit] ?? units.count)(v), look);
  return {
    series: drawn(look, series),
    colors: series.map(s => token(s.colour)),
    chart: {
      type: banded ? 'rangeArea' : mixed ? 'line' : type,
      stacked: kind === 'StackedBars', stackOnlyBar: true, height, width: '100%', background: 'transparent', fontFamily: token('--font'), foreColor: token('--ink-3'),
      animations: { enabled: false }, toolbar: { show: false }, zoom: { enabled: false }, selection: { enabled: false }, parentHeightOffset: 0,
      redrawOnParentResize: true, ...(clock.offsets.length > 1 ? { events: { mounted: chart => relabel(chart, clock), updated: chart => relabel(chart, clock) } } : {}),
    },
    dataLabels: { enabled: false },
    stroke: { width: series.map(s => s.lower || (bars && !s.dashed) ? 0 : 1.75), dashArray: series.map(s => s.dashed ? 5 : 0), curve: 'straight', lineCap: 'round' },
    fill: kind === 'Area' ? { type: series.map(s => s.dashed ? 'solid' : 'gradient'), opacity: series.map(s => s.dashed ? 0 : 1), gradient: { opacityFrom: 0.22, opacityTo: 0.02, stops: [0, 100] } } : { opacity: banded ? series.map(s => s.lower ? 0.16 : 1) : 1 },
    plotOptions: { bar: { columnWidth: '72%', borderRadius: 1.5, borderRadiusApplication: 'end', borderRadiusWhenStacked: 'last' } },
    // Without a width their edges are dots, where points have none.
    markers: { size: 0, strokeWidth: 0, hover: { size: 4 }, discrete: kind === 'Line' && !banded ? alone(series) : [] },
    grid: { borderColor: token('--chart-grid'), strokeDashArray: 0, padding: { left: 6, right: 10, top: -12, bottom: -4 }, xaxis: { lines: { show: false } } },
    // On a phone many names leave no room for what they name; the table below has them with their colours.
    legend: { show: series.length > 1 && !bare && !(series.length > 7 && innerWidth <= 720), position: 'top', horizontalAlign: 'left', offsetX: -10, fontSize: '12px', fontWeight: 450, markers: { size: 5, strokeWidth: 0, shape: 'circle', offsetX: -4 }, itemMargin: { horizontal: 8, vertical: 0 } },
    xaxis: { type: 'datetime', axisBorder: { show: false }, axisTicks: { show: false }, tooltip: { enabled: false }, labels: { datetimeUTC: true, style: { fontSize: '11px' }, datetimeFormatter: { second: 'HH:mm:ss', minute: 'HH:mm', hour: 'HH:mm', day: 'MM-dd', month: 'yyyy-MM', year: 'yyyy' } }, crosshairs: { stroke: { color: token('--line-strong'), dashArray: 0 } } },
    yaxis: { min: 0, max: top => axisEnd(top, unit), tickAmount: bare ? 2 : 4, labels: { formatter: v => v == null ? '' : format(v), style: { fontSize: '11px' }, offsetX: -6, minWidth: bare ? 0 : 40 } },
    tooltip: { shared: true, intersect: false, ...(banded ? { enabledOnSeries: series.flatMap((s, i) => (s.lower ? [] : [i])) } : {}), x: { formatter: x => stamp(clock, x - shiftOf(clock)) }, y: { formatter: v => v == null ? '–' : format(v) } },
    states: { hover: { filter: { type: 'none' } }, active: { filter: { type: 'none' } } },
    noData: { text: '' },
  };
}

function drawn({ kind, clock }, series) {
  const shift = shiftOf(clock);
  const bars = kind === 'StackedBars' || kind === 'Bars';
  const mixed = bars && series.some(s => s.dashed);
  if (series.some(s => s.lower)) {
    return series.map(s => ({
      name: s.name,
      type: s.lower ? 'rangeArea' : 'line',
      data: s.data.map(([x, y], i) => ({ x: x + shift, y: s.lower ? [y == null ? null : s.lower[i], y] : y })),
    }));
  }
  return series.map(s => ({ name: s.name, data: s.data.map(([x, y]) => [x + shift, y]), ...(mixed ? { type: s.dashed ? 'line' : 'bar' } : {}) }));
}

/** Choosing a span by dragging, and an interval by clicking; `at()` gives the chart as it is. */
function selecting(element, dotnet, at) {
  const band = Object.assign(document.createElement('div'), { className: 'chart-band', hidden: true });
  element.append(band);
  let from = null;
  const place = event => {
    const { chart, look, series } = at();
    const { minX, maxX, gridWidth, translateX } = chart.w.globals;
    const box = element.getBoundingClientRect();
    const x = Math.min(Math.max(event.clientX - box.left - translateX, 0), gridWidth);
    return { look, series, x: x + translateX, time: minX + (maxX - minX) * (gridWidth > 0 ? x / gridWidth : 0) - shiftOf(look.clock) };
  };
  const down = event => {
    if (event.button !== 0 || event.target.closest('.apexcharts-legend')) { return; }
    from = place(event);
  };
  const move = event => {
    if (!from || !from.look.zooms) { return; }
    const to = place(event);
    band.hidden = Math.abs(to.x - from.x) < 6;
    band.style.left = `${Math.min(from.x, to.x)}px`;
    band.style.width = `${Math.abs(to.x - from.x)}px`;
  };
  const up = event => {
    if (!from) { return; }
    const [begin, end] = [from, place(event)];
    from = null;
    band.hidden = true;
    const times = begin.series[0]?.data.map(p => p[0]) ?? [];
    const width = times.length > 1 ? times[1] - times[0] : 60000;
    const tell = (a, b, picked) => dotnet.invokeMethodAsync('OnRangeAsync', Math.round(a), Math.round(b), picked).catch(() => { });
    if (Math.abs(end.x - begin.x) >= 6) {
      if (begin.look.zooms) {
        // Whole intervals: what is seen is what is shown next. At least one.
        const [a, b] = [Math.min(begin.time, end.time), Math.max(begin.time, end.time)];
        const start = Math.floor(a / width) * width;
        tell(start, Math.max(Math.ceil(b / width) * width, start + Math.max(width, 60000)), false);
      }
    } else if (begin.look.picks && times.length > 0 && element.contains(event.target)) {
      const nearest = times.reduce((best, t) => Math.abs(t - begin.time) < Math.abs(best - begin.time) ? t : best, times[0]);
      tell(nearest, nearest + width, true);
    }
  };
  element.addEventListener('pointerdown', down);
  window.addEventListener('pointermove', move);
  window.addEventListener('pointerup', up);
  return () => {
    window.removeEventListener('pointermove', move);
    window.removeEventListener('pointerup', up);
  };
}

export async function create(element, dotnet, look, series) {
  const ApexCharts = await library();
  const chart = new ApexCharts(element, options(look, series));
  await chart.render();
  let latest = series;
  const recolour = () => chart.updateOptions(options(look, latest), false, false);
  window.addEventListener('console-theme', recolour);
  const deafen = selecting(element, dotnet, () => ({ chart, look, series: latest }));
  element.dataset.ready = '';
  return {
    update: (nextLook, next) => {
      const same = nextLook.kind === look.kind && nextLook.unit === look.unit && JSON.stringify(nextLook.clock) === JSON.stringify(look.clock)
        && next.length === latest.length
        && next.every((s, i) => s.name === latest[i].name && s.dashed === latest[i].dashed)
        && JSON.stringify(alone(next)) === JSON.stringify(alone(latest));
      latest = next;
      look = nextLook;
      if (same) { chart.updateSeries(drawn(look, next), false); } else { recolour(); }
    },
    dispose: () => {
      window.removeEventListener('console-theme', recolour);
      deafen();
      chart.destroy();
    },
  };
}
