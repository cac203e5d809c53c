// lockstep reproduce: replays the shipped plan of an incident and sets beside each symptom that was reported what this
// run saw; then tries the claims that were made about it.
import type { Scenario } from '../../harness/model/scenario.ts';
import type { ReproduceOptions } from '../declared/reproduce.ts';
import { reproductionOf } from '../corpus.ts';
import { outcomeWord } from '../../harness/model/judge-claim.ts';
import { count } from '../../reports/words.ts';
import { findScenario, findStrategy } from '../../scenarios/find.ts';
import type { Interrupt } from '../interrupt.ts';
import { machinesFor } from '../machine.ts';
import type { Output } from '../output.ts';
import { missesSymptom, reproduce, type Reproduction } from '../reproduce.ts';
import { tellViolations } from '../tell-violations.ts';
import { verdictWord } from '../words.ts';

export async function reproduceIncident(
  output: Output,
  interrupt: Interrupt,
  name: string,
  options: ReproduceOptions,
): Promise<number> {
  const scenario = findScenario(name);
  const read = reproductionOf(name);
  const strategy = findStrategy(scenario, options.strategy ?? read.strategy);
  const plan = { ...read, engine: options.engine ?? read.engine, strategy };
  const claimed = options.claimRuns > 0 ? scenario.claims.map(({ engine }) => engine) : [];
  const machines = await machinesFor([...new Set([plan.engine, ...claimed])], output, interrupt, {
    host: options.host,
    scenarios: [scenario],
  });
  const seen = await reproduce({
    scenario,
    plan,
    machines,
    claimRuns: options.claimRuns,
    bound: options.bound,
    jobs: options.jobs,
    output,
    stop: () => interrupt.requested,
  });
  output.result({ format: 2, ...seen });
  if (!output.json) tell(output, scenario, seen);
  if (interrupt.requested) return interrupt.exitCode;
  return missesSymptom(scenario, seen) ? 1 : 0;
}

export function tell(output: Output, scenario: Scenario, seen: Reproduction): void {
  output.say(output.paint('bold', `${seen.scenario}: strategy ${seen.strategy}, SQLite ${seen.engine}`));
  output.say();
  output.say('Reported, and what this run saw:');
  for (const { reported, seen: was, staged, evidence } of seen.symptoms) {
    const sign = was
      ? output.paint('green', '✓')
      : staged === null
        ? output.paint('red', '✗')
        : output.paint('dim', '·');
    output.say(`  ${sign} ${reported}`);
    output.sayLines(output.paint('dim', evidence), '      ');
    if (staged !== null) output.say(output.paint('dim', `      staged, so not counted as seen: ${staged}`));
  }
  output.say();
  output.say(
    `The run: ${verdictWord(output, seen.verdict)}, ${count(seen.violations.length, 'violation')}, trace hash ${seen.hash}`,
  );
  tellViolations(seen.violations, scenario, output, '  ');
  if (seen.claims.length === 0) return;
  output.say();
  output.say('Claims, and what runs say of them:');
  const colours = { confirmed: 'green', refuted: 'red', untested: 'yellow' } as const;
  for (const { claim, source, outcome, tried, evidence } of seen.claims) {
    output.say(`  ${output.paint(colours[outcome], outcomeWord({ outcome, tried }))}  ${claim}`);
    output.sayLines(output.paint('dim', `${source}; ${evidence}`), '      ');
  }
  if (seen.claims.some((claim) => outcomeWord(claim) === 'undecided'))
    output.say('  undecided ones take more runs than they had: a larger --claim-runs');
}
