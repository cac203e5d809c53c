// Which processes belong to a blow, seen from outside: a lane gets an environment of its own, so a process counts as ours when
// the mark stands in its environment, in its command line or in the path of its working directory. What stays out: who
// starts and ends them (victim.ts).
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { whereaboutsOfThreads } from '../../harness/host/process-state.ts';

/** What a process of Lockstep is for. */
export type Role = 'coordinator' | 'lane' | 'examiner' | 'job' | 'worker' | 'searcher' | 'compiler' | 'other';

export interface Found {
  readonly pid: number;
  readonly parent: number;
  readonly role: Role;
  readonly commandLine: string;
  /** One letter, as in proc(5): R, S, T … */
  readonly state: string;
}

const roles: readonly (readonly [RegExp, Role])[] = [
  [/cli\/lockstep\.js/, 'coordinator'],
  [/harness\/.*\/(host|free-host)\.ts/, 'lane'],
  [/examiner\.ts/, 'examiner'],
  [/job-main\.ts/, 'job'],
  [/worker-main\.ts/, 'worker'],
  [/searcher-main\.ts/, 'searcher'],
  [/^\S*(cc1|cc1plus|cc|c\+\+|gcc|g\+\+|clang|clang\+\+|as|ld|collect2)(-\S*)?( |$)/, 'compiler'],
];

function read(pid: number, mark: string): Found | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state = '', parent = ''] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z' || state === 'X') return undefined;
    const commandLine = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    const ours = commandLine.includes(mark) || readFileSync(`/proc/${pid}/environ`, 'utf8').includes(mark);
    if (!ours && !readlinkSync(`/proc/${pid}/cwd`).includes(mark)) return undefined;
    const role = roles.find(([pattern]) => pattern.test(commandLine))?.[1] ?? 'other';
    return { pid, parent: Number(parent), role, commandLine, state };
  } catch {
    return undefined; // it has ended meanwhile, or is another user's
  }
}

/** Living processes with the mark, this one left out. */
export function processesWith(mark: string): readonly Found[] {
  return readdirSync('/proc').flatMap((name) => {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) return [];
    return read(pid, mark) ?? [];
  });
}

/** Ends them, stopped ones too. */
export function endAll(mark: string): void {
  for (const { pid } of processesWith(mark)) signal(pid, 'SIGKILL');
}

/** Result: whether the process was there. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    process.kill(pid, name);
    return true;
  } catch {
    return false;
  }
}

/** In a few words, for a report. */
export function describe({ pid, role, state, commandLine }: Found): string {
  const words = role === 'other' ? commandLine.slice(0, 60) : role;
  return `${words} (pid ${pid}, ${state})`;
}

/** The same, and where each of its threads stands in the kernel. */
export function describeThreads(found: Found): string {
  return `${describe(found)}, child of ${found.parent}: ${whereaboutsOfThreads(found.pid).join('; ')}`;
}
