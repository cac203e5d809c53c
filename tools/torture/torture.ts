// `npm run torture [-- --minutes n --seed s]`: strikes blows at the front door at random, as real machines do, and checks after
// each that nothing is left running, nothing is left behind, nothing finished is lost, the exit code is right and what was
// said is a sentence. What stays out: the blows (blows/), and runs beside load (beside-load.ts).
import { Command as Program, InvalidArgumentError } from '@commander-js/extra-typings';
import { besideLoad } from './beside-load.ts';
import { blows } from './blows/catalogue.ts';
import { Session } from './session.ts';

function number(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value) || value < least) {
      throw new InvalidArgumentError(`It takes a number of ${least} or more.`);
    }
    return value;
  };
}

const program = new Program('torture')
  .description('Strikes the front door at random, as machines and people do, and checks what is left.')
  .option('--minutes <n>', 'so long; the last blow is finished', number(0))
  .option('--blows <n>', 'so many', number(1))
  .option('--seed <n>', 'of all choices; default: another one each time', number(0))
  .option('--only <names>', 'these blows, with commas; alone or with --seed: this one blow, once')
  .option('--list', 'lists the blows')
  .option('--load <n>', 'instead: runs of every scenario beside so many busy loops, counting harness errors', number(1))
  .option('--runs <n>', 'with --load: of each scenario', number(1), 300)
  .option('--jobs <n>', 'with --load: as `lockstep run` takes it', number(1), 4)
  .option('--scenarios <names>', 'with --load: these, with commas')
  .option('--full', 'with --load: runs as long as reported, not those of the small shipped plans', false);

const options = program.parse().opts();
if (options.list) {
  for (const { name, weight } of blows) process.stdout.write(`${name}  (weight ${weight})\n`);
} else if (options.load === undefined) {
  process.exitCode = await new Session(options).run();
} else {
  process.exitCode = await besideLoad({ ...options, loops: options.load });
}
