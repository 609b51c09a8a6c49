// Copies what the console serves from npm packages to wwwroot/lib, with their licences. Run by the build
// (ConsoleAssets.targets); by hand: npm ci && npm run assets.
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(fileURLToPath(import.meta.url));
const modules = join(root, 'node_modules');
const lib = join(root, 'wwwroot', 'lib');

const files = {
  'apexcharts/dist/apexcharts.min.js': 'apexcharts/apexcharts.min.js',
  'apexcharts/LICENSE': 'apexcharts/LICENSE',
  '@fontsource-variable/geist/files/geist-latin-wght-normal.woff2': 'fonts/geist-latin.woff2',
  '@fontsource-variable/geist/files/geist-latin-ext-wght-normal.woff2': 'fonts/geist-latin-ext.woff2',
  '@fontsource-variable/geist/LICENSE': 'fonts/LICENSE-geist',
  '@fontsource-variable/geist-mono/files/geist-mono-latin-wght-normal.woff2': 'fonts/geist-mono-latin.woff2',
  '@fontsource-variable/geist-mono/LICENSE': 'fonts/LICENSE-geist-mono',
  'lucide-static/LICENSE': 'icons/LICENSE',
};

// The icons that Icon.razor may name; a test compares the two.
export const icons = [
  'activity', 'arrow-down', 'arrow-right', 'arrow-up', 'arrow-up-right', 'bookmark', 'box', 'calendar', 'check', 'chevron-down',
  'chevron-left', 'chevron-right', 'circle-alert', 'circle-check', 'circle-help', 'clock', 'copy', 'download', 'ellipsis', 'eye',
  'file-text', 'filter', 'gauge', 'chart-line', 'grip-vertical', 'image', 'key-round', 'languages', 'layout-dashboard', 'list', 'log-out', 'menu', 'message-square',
  'monitor', 'moon', 'palette', 'panel-left', 'pencil', 'play', 'plug', 'plus', 'radio', 'refresh-cw', 'route', 'scale', 'search',
  'send', 'server', 'settings', 'shield', 'square', 'sun', 'tag', 'terminal', 'trash-2', 'triangle-alert', 'undo-2', 'users', 'wallet', 'x', 'zap',
];

function symbol(name) {
  const svg = readFileSync(join(modules, 'lucide-static', 'icons', `${name}.svg`), 'utf8');
  const body = svg.slice(svg.indexOf('>', svg.indexOf('<svg')) + 1, svg.lastIndexOf('</svg>'));
  return `<symbol id="${name}" viewBox="0 0 24 24">${body.replace(/\s*\n\s*/g, '')}</symbol>`;
}

rmSync(lib, { recursive: true, force: true });
for (const [from, to] of Object.entries(files)) {
  mkdirSync(dirname(join(lib, to)), { recursive: true });
  copyFileSync(join(modules, from), join(lib, to));
}
writeFileSync(join(lib, 'icons', 'sprite.svg'),
  `<svg xmlns="http://www.w3.org/2000/svg">\n${icons.map(symbol).join('\n')}\n</svg>\n`);
// Written last: the build takes its age for that of everything here.
writeFileSync(join(lib, 'complete.txt'), 'Made by assets.mjs.\n');
