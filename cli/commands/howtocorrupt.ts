// lockstep howtocorrupt: the table of SQLite's page, section by section: what was reproduced wrong, what is clean right.
import { didYouMean } from '../../harness/errors/did-you-mean.ts';
import { usageError } from '../../harness/errors/errors.ts';
import { PREBUILT_ENGINE } from '../../harness/engines/catalogue.ts';
import { percent } from '../../harness/model/percent.ts';
import { exitCodes } from '../../harness/model/verdict.ts';
import { Coordinator } from '../../harness/run/coordinator.ts';
import { count } from '../../reports/words.ts';
import { sections } from '../../scenarios/howtocorrupt/catalogue.ts';
import { bySection, type NotHere, notHere } from '../../scenarios/howtocorrupt/not-here.ts';
import type { Section } from '../../scenarios/howtocorrupt/section.ts';
import type { HowToCorruptOptions } from '../declared/howtocorrupt.ts';
import { tryWay, type WayTried } from '../howtocorrupt.ts';
import type { Interrupt } from '../interrupt.ts';
import { machinesFor } from '../machine.ts';
import type { Output } from '../output.ts';
import { StatusLine } from '../status-line.ts';

export async function howToCorrupt(
  output: Output,
  interrupt: Interrupt,
  asked: readonly string[],
  options: HowToCorruptOptions,
): Promise<number> {
  const wanted = sectionsOf(asked);
  const left = notHere.filter(({ section }) => asked.length === 0 || asked.includes(section));
  const tried = await tryAll(wanted, output, interrupt, options);
  const notAsClaimed = tried.filter(({ expected, verdict }) => verdict !== expected);
  output.result({ format: 1, ways: tried, notHere: left, interrupted: interrupt.requested });
  if (!output.json) tellRest(output, left, tried, notAsClaimed);
  if (notAsClaimed.some(({ expected, verdict }) => expected === 'pass' && verdict === 'fail')) return exitCodes.fail;
  if (interrupt.requested) return interrupt.exitCode;
  return notAsClaimed.length > 0 ? exitCodes.inconclusive : exitCodes.pass;
}

function sectionsOf(asked: readonly string[]): readonly Section[] {
  const known = [...new Set([...sections, ...notHere].toSorted(bySection).map(({ section }) => section))];
  const strange = asked.find((one) => !known.includes(one));
  if (strange === undefined)
    return sections.toSorted(bySection).filter(({ section }) => asked.length === 0 || asked.includes(section));
  throw usageError(
    'UNKNOWN_SECTION',
    `SQLite's page has no section "${strange}".${didYouMean(strange, known)}`,
    `Sections: ${known.join(', ')}.`,
  );
}

function cellsOf({ ways }: Section) {
  return ways.flatMap((way) => (way.engines ?? [PREBUILT_ENGINE]).map((engine) => ({ way, engine })));
}

async function tryAll(
  wanted: readonly Section[],
  output: Output,
  interrupt: Interrupt,
  { host, limit, runs, bound, seed }: HowToCorruptOptions,
): Promise<readonly WayTried[]> {
  const engines = [...new Set(wanted.flatMap((section) => cellsOf(section).map(({ engine }) => engine)))];
  const machines = await machinesFor(engines, output, interrupt, {
    host,
    scenarios: wanted.map((one) => one.scenario),
  });
  const stop = () => interrupt.requested;
  const coordinators = new Map(
    [...machines].map(([engine, machine]) => [engine, new Coordinator({ machine, limitMs: limit * 1000, stop })]),
  );
  const tried: WayTried[] = [];
  using status = new StatusLine(output, 'the first section');
  try {
    for (const section of wanted) {
      if (interrupt.requested) break;
      output.say(output.paint('bold', `${section.section} ${section.title}`));
      for (const { way, engine } of cellsOf(section)) {
        if (interrupt.requested) break;
        status.says(`${section.section} ${way.name}, SQLite ${engine}`);
        const [coordinator, machine] = [coordinators.get(engine), machines.get(engine)];
        if (coordinator === undefined || machine === undefined) throw new Error(`no machine for ${engine}`);
        const one = await tryWay(section, way, { coordinator, machine, engine, runs, bound, seed, stop });
        tried.push(one);
        tell(output, one);
      }
    }
  } finally {
    for (const coordinator of coordinators.values()) coordinator.close();
  }
  return tried;
}

function came({ verdict, runs, upperBound, missing, violated, steps, size }: WayTried): string {
  if (verdict === 'pass') return `clean in ${count(runs, 'run')}, failure rate at most ${percent(upperBound ?? 1)}`;
  if (verdict !== 'fail')
    return missing > 0 ? `nothing in ${count(runs, 'run')}; ${missing} in the window are missing` : 'nothing of it';
  const { preemptions = 0, faults = 0, operations = 0 } = size ?? {};
  const plan = `${count(preemptions, 'preemption')}, ${count(faults, 'fault')}, ${count(operations, 'transaction')}`;
  return `${violated.join(', ')}${steps === null ? '' : `, in ${count(steps, 'step')}`} (${plan})`;
}

function tell(output: Output, one: WayTried): void {
  const asClaimed = one.verdict === one.expected;
  const sign = asClaimed ? output.paint('green', '✓') : output.paint('red', '✗');
  output.say(`  ${sign} ${one.expected === 'fail' ? 'wrong' : 'right'}: ${one.says}, SQLite ${one.engine}`);
  output.say(`      ${came(one)}`);
  output.say(output.paint('dim', `      ${one.command}`));
}

function tellRest(
  output: Output,
  left: readonly NotHere[],
  tried: readonly WayTried[],
  notAsClaimed: readonly WayTried[],
): void {
  if (left.length > 0) output.say(output.paint('bold', 'Not acted out'));
  for (const { section, title, why } of left) {
    output.say(`  ${section} ${title}`);
    output.say(output.paint('dim', `      ${why}`));
  }
  const wrong = tried.filter(({ expected }) => expected === 'fail');
  const right = tried.filter(({ expected }) => expected === 'pass');
  const good = (ways: readonly WayTried[]) => ways.length - ways.filter((one) => notAsClaimed.includes(one)).length;
  output.say();
  output.say(
    `${good(wrong)} of ${count(wrong.length, 'wrong way')} failed, ${good(right)} of ${count(right.length, 'right way')} passed`,
  );
}
