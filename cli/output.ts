// What the commands print, and where: with --json one document on standard output and all prose on standard error;
// without, prose on standard output and progress on standard error. Colour on a terminal only. What stays out: words.
import { stripVTControlCharacters, styleText } from 'node:util';

export interface OutputOptions {
  readonly json: boolean;
  readonly verbose: boolean;
}

type Colour = 'red' | 'green' | 'yellow' | 'bold' | 'dim' | 'cyan';

export class Output {
  readonly json: boolean;
  readonly verbose: boolean;
  readonly #prose: NodeJS.WriteStream;
  #status = false;

  constructor({ json, verbose }: OutputOptions) {
    this.json = json;
    this.verbose = verbose;
    this.#prose = json ? process.stderr : process.stdout;
  }

  /** A line of prose. */
  say(line = ''): void {
    this.clearStatus();
    this.#prose.write(`${line}\n`);
  }

  /** The result of the command, with --json. */
  result(document: object): void {
    this.clearStatus();
    if (this.json) process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  }

  /** A line of progress that stays. */
  progress(line: string): void {
    this.clearStatus();
    process.stderr.write(`${line}\n`);
  }

  /** Does a person watch standard error on a terminal? */
  get live(): boolean {
    return process.stderr.isTTY;
  }

  /** A line of progress that the next one replaces; nothing where standard error is no terminal. */
  status(line: string): void {
    if (!this.live) return;
    process.stderr.write(`\r\u001b[K${line.slice(0, process.stderr.columns - 1)}`);
    this.#status = true;
  }

  clearStatus(): void {
    if (!this.#status) return;
    this.#status = false;
    process.stderr.write('\r\u001b[K');
  }

  /** Colours text where the prose goes to a terminal that shows colour. */
  paint(colour: Colour, text: string): string {
    return styleText(colour, text, { stream: this.#prose });
  }

  /** A table with columns as wide as they need to be. */
  table(rows: readonly (readonly string[])[], indent = '  '): void {
    const width = (text: string) => stripVTControlCharacters(text).length;
    const widths: number[] = [];
    for (const row of rows) row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, width(cell))));
    for (const row of rows) {
      const cells = row.map((cell, i) =>
        i === row.length - 1 ? cell : cell + ' '.repeat((widths[i] ?? 0) - width(cell)),
      );
      this.say(indent + cells.join('  ').trimEnd());
    }
  }
}
