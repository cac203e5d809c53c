// `npm run try:container`: takes the steps of docs/campaigns/Containerfile without containers, in a mount namespace in which /opt and /work are
// empty, from the commit that is checked out; then hides every compiler, becomes the image's user, and makes a campaign. It is Debian's file
// system that this machine has, not the image's: what a step needs of the image is not tried. Needs root and Linux.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scriptOf, stagesOf } from './steps.ts';

const root = join(import.meta.dirname, '../..');
const compilers = [
  'gcc',
  'cc',
  'c99',
  'g++',
  'c++',
  'clang',
  'tcc',
  'make',
  'ld',
  'as',
  'cpp',
  'gcc-12',
  'g++-12',
  'x86_64-linux-gnu-gcc',
];
const { build, run } = scriptOf(
  stagesOf(readFileSync(join(root, 'docs/campaigns/Containerfile'), 'utf8')),
  '/mnt/context',
);
const folder = mkdtempSync(join(tmpdir(), 'lockstep-container-'));
const start = [
  'campaign',
  'start',
  '--scenarios',
  'wal-reset',
  '--strategies',
  'wal',
  '--engines',
  '3.51.2',
  '--runs',
  '20',
];

try {
  execFileSync('git', ['-C', root, 'archive', '--format=tar', '-o', join(folder, 'context.tar'), 'HEAD']);
  const script = [
    'set -e',
    'export PATH=/mnt/node:/usr/local/bin:/usr/bin:/bin', // the Node that runs this, which may lie below what is hidden
    `cd ${folder}; chmod 755 .; mkdir context opt work node; cp ${process.execPath} node/node; tar xf context.tar -C context`,
    `mount --bind ${folder} /mnt; mount --bind ${folder}/opt /opt; mount --bind ${folder}/work /work; cd /mnt`,
    build,
    `for tool in ${compilers.join(' ')}; do for place in /usr/bin /usr/local/bin /bin; do`,
    '  if [ -e "$place/$tool" ]; then mount --bind /dev/null "$(readlink -f "$place/$tool")" || true; fi',
    'done; done',
    'if gcc --version >/dev/null 2>&1; then echo "a compiler is left"; exit 1; fi',
    ...[['doctor'], start, ['campaign', 'report', '--report-only']].map(
      (words) => `echo "== lockstep ${words.join(' ')}"; (${run(words, '/mnt/node:/usr/bin:/bin')})`,
    ),
  ].join('\n');
  writeFileSync(join(folder, 'steps.sh'), script);
  execFileSync('unshare', ['--mount', '--propagation', 'private', 'sh', join(folder, 'steps.sh')], {
    stdio: 'inherit',
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
