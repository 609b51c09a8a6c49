// Draws one chart and keeps it in step with the theme. Colours are names of custom properties in tokens.css.
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const units = {
  count: v => (Math.abs(v) < 10 && v % 1 !== 0 ? v.toFixed(1) : compact.format(v)),
  duration: us => us === 0 ? '0' : us < 1000 ? `${Math.round(us)} µs` : us < 1e6 ? `${Math.round(us / 1000)} ms` : us < 6e7 ? `${(us / 1e6).toFixed(1)} s` : `${(us / 6e7).toFixed(1)} min`,
  usd: v => v === 0 ? '$0' : v < 0.01 ? `$${v.toPrecision(2)}` : `$${v.toFixed(2)}`,
};
const token = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

async function library() {
  // The script is deferred; a first page may be drawn before it has run.
  for (let i = 0; i < 200 && !window.ApexCharts; i++) { await new Promise(next => setTimeout(next, 25)); }
  if (!window.ApexCharts) { throw new Error('lib/apexcharts/apexcharts.min.js did not load'); }
  return window.ApexCharts;
}

function options(kind, unit, height, series) {
  const stacked = kind === 'StackedBars';
  const format = units[unit] ?? units.count;
  return {
    series: series.map(s => ({ name: s.name, data: s.data })),
    colors: series.map(s => token(s.colour)),
    chart: {
      type: stacked ? 'bar' : kind === 'Area' ? 'area' : 'line',
      stacked, height, width: '100%', background: 'transparent', fontFamily: token('--font'), foreColor: token('--ink-3'),
      animations: { enabled: false }, toolbar: { show: false }, zoom: { enabled: false }, parentHeightOffset: 0,
      redrawOnParentResize: true,
    },
    dataLabels: { enabled: false },
    stroke: { width: stacked ? 0 : 1.75, curve: 'straight', lineCap: 'round' },
    fill: kind === 'Area' ? { type: 'gradient', gradient: { opacityFrom: 0.22, opacityTo: 0.02, stops: [0, 100] } } : { opacity: 1 },
    plotOptions: { bar: { columnWidth: '72%', borderRadius: 1.5, borderRadiusApplication: 'end', borderRadiusWhenStacked: 'last' } },
    markers: { size: 0, hover: { size: 4 } },
    grid: { borderColor: token('--chart-grid'), strokeDashArray: 0, padding: { left: 6, right: 10, top: -12, bottom: -4 }, xaxis: { lines: { show: false } } },
    legend: { show: series.length > 1, position: 'top', horizontalAlign: 'left', offsetX: -10, fontSize: '12px', fontWeight: 450, markers: { size: 5, strokeWidth: 0, shape: 'circle', offsetX: -4 }, itemMargin: { horizontal: 8, vertical: 0 } },
    xaxis: { type: 'datetime', axisBorder: { show: false }, axisTicks: { show: false }, tooltip: { enabled: false }, labels: { datetimeUTC: true, style: { fontSize: '11px' }, datetimeFormatter: { hour: 'HH:mm', minute: 'HH:mm', day: 'd MMM', month: 'MMM yyyy' } }, crosshairs: { stroke: { color: token('--line-strong'), dashArray: 0 } } },
    yaxis: { min: 0, forceNiceScale: true, tickAmount: 4, labels: { formatter: v => v == null ? '' : format(v), style: { fontSize: '11px' }, offsetX: -6 } },
    tooltip: { shared: true, intersect: false, x: { format: 'd MMM HH:mm' }, y: { formatter: v => v == null ? '–' : format(v) } },
    states: { hover: { filter: { type: 'none' } }, active: { filter: { type: 'none' } } },
    noData: { text: '' },
  };
}

export async function create(element, { kind, unit, height }, series) {
  const ApexCharts = await library();
  let chart = new ApexCharts(element, options(kind, unit, height, series));
  await chart.render();
  let latest = series;
  const recolour = () => chart.updateOptions(options(kind, unit, height, latest), false, false);
  window.addEventListener('console-theme', recolour);
  return {
    update: next => {
      const same = next.length === latest.length && next.every((s, i) => s.name === latest[i].name);
      latest = next;
      if (same) { chart.updateSeries(next.map(s => ({ name: s.name, data: s.data })), false); } else { recolour(); }
    },
    dispose: () => {
      window.removeEventListener('console-theme', recolour);
      chart.destroy();
    },
  };
}
