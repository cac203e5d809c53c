// The front door: the commands, their errors as sentences, their exit codes. One file a command in declared/, which says what it
// takes, and one in commands/, which does it. What stays out: everything that does something.
import { Command, CommanderError } from '@commander-js/extra-typings';
import { exitCodes } from '../harness/model/verdict.ts';
import { visibleLines } from '../harness/model/visible.ts';
import packageJson from '../package.json' with { type: 'json' };
import { declareBench } from './declared/bench.ts';
import { declareBisect } from './declared/bisect.ts';
import {
  declareCampaign,
  declareCampaignReport,
  declareExport,
  declareStart,
  declareTold,
  declareWork,
} from './declared/campaign.ts';
import { declareCompare } from './declared/compare.ts';
import { declareCrash } from './declared/crash.ts';
import { declareDoctor } from './declared/doctor.ts';
import { declareAdd, declareBuild, declareEngines } from './declared/engines.ts';
import { declareHowToCorrupt } from './declared/howtocorrupt.ts';
import { declareInit } from './declared/init.ts';
import { declareList } from './declared/list.ts';
import { declareReplay } from './declared/replay.ts';
import { declareReport } from './declared/report.ts';
import { declareReproduce } from './declared/reproduce.ts';
import { declareRun } from './declared/run.ts';
import { declareShrink } from './declared/shrink.ts';
import { declareSweep } from './declared/sweep.ts';
import type { AddCommand, Given, ResultIn } from './add-command.ts';
import { type Interrupt, isInterruption, listenForInterrupt } from './interrupt.ts';
import { tellUncaughtBy } from './last-resort.ts';
import { Output } from './output.ts';
import { findConfig } from './own/find-config.ts';
import { rememberPlaces } from './own/replay-command.ts';
import { standardStreams, type Streams } from './standard-stream.ts';
import { explained } from './explained.ts';

/** In the order in which `--help` lists them. What a command works with is loaded when it is given. */
const commands: readonly AddCommand[] = [
  (program, act) =>
    declareDoctor(program).action(act('print', async () => (await import('./commands/doctor.ts')).doctor)),
  (program, act) => declareInit(program).action(act('files', async () => (await import('./commands/init.ts')).init)),
  (program, act) => declareList(program).action(act('print', async () => (await import('./commands/list.ts')).list)),
  (program, act) => declareRun(program).action(act('files', async () => (await import('./commands/run.ts')).run)),
  (program, act) =>
    declareReproduce(program).action(
      act('print', async () => (await import('./commands/reproduce.ts')).reproduceIncident),
    ),
  (program, act) =>
    declareReplay(program).action(act('print', async () => (await import('./commands/replay.ts')).replay)),
  (program, act) =>
    declareShrink(program).action(act('files', async () => (await import('./commands/shrink.ts')).shrinkPlan)),
  (program, act) =>
    declareBisect(program).action(act('print', async () => (await import('./commands/bisect.ts')).bisect)),
  (program, act) => declareSweep(program).action(act('files', async () => (await import('./commands/sweep.ts')).sweep)),
  (program, act) => declareCrash(program).action(act('files', async () => (await import('./commands/crash.ts')).crash)),
  (program, act) =>
    declareHowToCorrupt(program).action(
      act('print', async () => (await import('./commands/howtocorrupt.ts')).howToCorrupt),
    ),
  (program, act) => {
    const engines = declareEngines(program);
    engines.action(act('print', async () => (await import('./commands/engines.ts')).list));
    declareBuild(engines).action(act('files', async () => (await import('./commands/engines.ts')).build));
    declareAdd(engines).action(act('files', async () => (await import('./commands/engines.ts')).add));
  },
  (program, act) =>
    declareCompare(program).action(act('files', async () => (await import('./commands/compare.ts')).compare)),
  (program, act) =>
    declareReport(program).action(act('files', async () => (await import('./commands/report.ts')).report)),
  (program, act) => {
    const load = () => import('./commands/campaign.ts');
    const campaign = declareCampaign(program);
    declareStart(campaign).action(act('print', async () => (await load()).start));
    declareWork(campaign).action(act('print', async () => (await load()).join));
    declareTold(campaign, 'status', 'how far a campaign is; all of the store, where several are under way').action(
      act('print', async () => (await load()).status),
    );
    const turns = [
      ['pause', 'no new range begins until it is resumed', 'paused'],
      ['resume', 'goes on with a campaign that was paused', 'running'],
      ['stop', 'ends a campaign: workers finish the range that they have', 'stopped'],
    ] as const;
    for (const [name, says, to] of turns)
      declareTold(campaign, name, says).action(act('print', async () => (await load()).turn(to)));
    declareCampaignReport(campaign).action(act('files', async () => (await load()).report));
    declareExport(campaign).action(act('files', async () => (await load()).exportTo));
  },
  (program, act) => declareBench(program).action(act('print', async () => (await import('./commands/bench.ts')).bench)),
];

/**
 * Runs a command line.
 *
 * @param args without the program's name
 * @param streams where it speaks; default: this process's own
 * @returns the exit code (design.md, command line)
 */
export async function main(args: readonly string[], streams: Streams = standardStreams()): Promise<number> {
  let exitCode = 0;
  const plain = new Output({ json: args.includes('--json'), verbose: args.includes('--verbose') }, streams);
  const program = newProgram(streams);
  for (const add of commands) {
    add(
      program,
      (resultIn, load) =>
        async function (this: Given, ...given) {
          const { json = false, verbose = false, scenarios } = this.optsWithGlobals();
          const output = new Output({ json, verbose }, streams);
          const code = await ended(output, async (interrupt) => {
            if (this.options.some(({ long }) => long === '--scenarios')) await meetOwn(scenarios?.places ?? []);
            return (await load())(output, interrupt, ...given);
          });
          exitCode = await delivered(output, resultIn, code);
        },
    );
  }
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) return report(error, plain);
    if (error.exitCode === 0) return delivered(new Output({ json: false, verbose: false }, streams), 'print', 0);
    // Commander has said it on standard error; a script gets a document, as for every other error.
    const message = error.message.replace(/^error: /, '');
    const remedy = '`lockstep COMMAND --help` lists what a command takes.';
    plain.result({ format: 1, error: { code: 'USAGE', message, remedy } });
    return 2;
  }
}

function newProgram({ out, err }: Streams): Command {
  return new Command('lockstep')
    .description('A deterministic multi-process fault-injection harness for SQLite.')
    .version(packageJson.version, '-V, --version', 'the version of Lockstep')
    .configureOutput({
      writeOut: (text) => out.write(visibleLines(text)),
      writeErr: (text) => err.write(visibleLines(text)),
    })
    .showHelpAfterError('(`lockstep --help` lists the commands, `lockstep COMMAND --help` its options.)')
    .exitOverride();
}

/** Loads a person's own scenarios: from the places that he names, or else from those of his configuration, if there is one. */
async function meetOwn(places: readonly string[]): Promise<void> {
  rememberPlaces(places);
  const config = findConfig(process.cwd());
  if (places.length > 0 || config !== undefined) await (await import('./own/load.ts')).loadOwn(places, config);
}

/** Runs a command to its end, whatever that is. Result: the exit code. */
async function ended(output: Output, body: (interrupt: Interrupt) => Promise<number>): Promise<number> {
  using interrupt = listenForInterrupt(() =>
    output.progress('interrupted: it stops, and keeps what there is; a second signal ends it at once'),
  );
  tellUncaughtBy((error) => (interrupt.requested ? interrupt.exitCode : report(error, output)));
  try {
    return await body(interrupt);
  } catch (error) {
    if (interrupt.requested && isInterruption(error)) {
      const [message, remedy] = ['It was interrupted before there was a result.', 'Give the same command again.'];
      output.result({ format: 1, error: { code: 'INTERRUPTED', message, remedy } });
      return interrupt.exitCode;
    }
    const code = report(error, output);
    // What breaks later broke because of this.
    tellUncaughtBy((late) => {
      if (output.verbose) report(late, output);
      return code;
    });
    return code;
  }
}

/**
 * What becomes of the exit code when not all that was said has arrived: what only stood there is lost, and that is a failure of
 * the machine; but a reader who closed his end had what he wanted.
 */
async function delivered(output: Output, resultIn: ResultIn, code: number): Promise<number> {
  const failure = await output.outFailure();
  if (failure !== undefined) {
    const reason = `Standard output could not be written: ${failure.message}.`;
    output.complain(`lockstep: ${reason}`, 'Make room there, or send it elsewhere.');
  }
  const lost = (failure !== undefined && (output.json || resultIn === 'print')) || !output.keptAll;
  return lost && code !== 2 && code < 128 ? exitCodes.error : code;
}

function report(error: unknown, output: Output): number {
  const { kind, code, message, remedy } = explained(error);
  const stack = output.verbose && error instanceof Error ? [error.stack ?? ''] : [];
  output.complain(`lockstep: ${message}`, remedy, ...stack);
  output.result({ format: 1, error: { code, message, remedy } });
  return kind === 'usage' ? 2 : exitCodes.error;
}
