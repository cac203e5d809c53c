// What a command says, and where: prose on standard output, or with --json on standard error, and then one document on
// standard output; progress on standard error. Colour on a terminal only. Whatever is said is made safe to show here, at the
// one door to the terminal: colours are our own, and a line feed in a name begins no line. What stays out: words.
import { stripVTControlCharacters, styleText } from 'node:util';
import { visible, visibleLines } from '../harness/model/visible.ts';
import { standardStreams, type StandardStream, type Streams } from './standard-stream.ts';

export interface OutputForm {
  readonly json: boolean;
  readonly verbose: boolean;
}

type Colour = 'red' | 'green' | 'yellow' | 'bold' | 'dim' | 'cyan';

const esc = '\u001b';

/** Stands for ESC in colours of our own: nothing that is read from a file can say it. Made for the first of them. */
let ownEsc: string | undefined;

/** A line as it may go to a terminal: nothing in it is obeyed, but for colours of our own. */
function shown(line: string): string {
  const parts = ownEsc === undefined ? [line] : line.split(ownEsc);
  return parts.map((part) => visible(part)).join(esc);
}

/** Text of several lines, such as a message: only its first begins where our own lines begin. */
function paragraph(text: string): string {
  return visibleLines(text.trimEnd()).replaceAll('\n', '\n  ');
}

/** A document with what a terminal obeys, or nobody sees, as JSON's own escapes: it means the same. */
function jsonText(document: object): string {
  return JSON.stringify(document, null, 2).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    character === '\n'
      ? character
      : [...Array(character.length).keys()]
          .map((i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`)
          .join(''),
  );
}

export class Output {
  readonly json: boolean;
  readonly verbose: boolean;
  readonly #streams: Streams;
  readonly #prose: StandardStream;
  #status = false;
  #resultSaid = false;
  #keptAll = true;

  constructor({ json, verbose }: OutputForm, streams: Streams = standardStreams()) {
    this.json = json;
    this.verbose = verbose;
    this.#streams = streams;
    this.#prose = json ? streams.err : streams.out;
  }

  /** A line of prose. */
  say(line = ''): void {
    this.clearStatus();
    this.#prose.write(`${shown(line)}\n`);
  }

  /** Prose that may have several lines, such as what integrity_check says: the further ones stand below the first, indented. */
  sayLines(text: string, indent = ''): void {
    const [first = '', ...more] = text.trimEnd().split('\n');
    this.say(`${indent}${first}`);
    for (const line of more) this.say(`${indent}    ${line}`);
  }

  /** The result of the command, with --json: one document, the first. */
  result(document: object): void {
    this.clearStatus();
    if (!this.json || this.#resultSaid) return;
    this.#resultSaid = true;
    this.#streams.out.write(`${jsonText(document)}\n`);
  }

  /** A line of progress that stays. */
  progress(line: string): void {
    this.clearStatus();
    this.#streams.err.write(`${shown(line)}\n`);
  }

  /** What must be heard: on standard error, or where that is lost and no document stands there, on standard output. */
  complain(...sentences: readonly string[]): void {
    this.clearStatus();
    const said = sentences.map((sentence) => `${paragraph(sentence)}\n`).join('');
    this.#streams.err.write(said);
    if (this.#streams.err.lost !== undefined && !this.json) this.#streams.out.write(said);
  }

  /** Says what could not be written to a file, so that it is not lost: whole, to be copied. */
  rescue(text: string, path: string, why?: Error): void {
    this.#keptAll = false;
    const { out, err } = this.#streams;
    const to = err.lost === undefined || this.json ? err : out;
    this.clearStatus();
    to.write(`${visibleLines(text)}${shown(`The file above could not be written to ${path}: copy it.`)}\n`);
    if (this.verbose && why !== undefined) to.write(`${paragraph(why.stack ?? why.message)}\n`);
  }

  /** Waits until all has been said. Result: why not all that was said on standard output arrived; undefined when it did. */
  async outFailure(): Promise<Error | undefined> {
    const { out, err } = this.#streams;
    await Promise.all([out.flushed(), err.flushed()]);
    return out.failure;
  }

  /** False once something was said that should have been written to a file. */
  get keptAll(): boolean {
    return this.#keptAll;
  }

  /** Does a person watch standard error on a terminal? */
  get live(): boolean {
    return this.#streams.err.live;
  }

  /** A line of progress that the next one replaces; nothing where standard error is no terminal. */
  status(line: string): void {
    if (!this.live) return;
    const { columns = 0 } = this.#streams.err.stream; // a terminal may also say that it has none
    this.#streams.err.write(`\r${esc}[K${visible(line).slice(0, (columns > 0 ? columns : 80) - 1)}`);
    this.#status = true;
  }

  clearStatus(): void {
    if (!this.#status) return;
    this.#status = false;
    this.#streams.err.write(`\r${esc}[K`);
  }

  /** Colours text where the prose goes to a terminal that shows colour. */
  paint(colour: Colour, text: string): string {
    return styleText(colour, ' ', { stream: this.#prose.stream })
      .replaceAll(esc, () => (ownEsc ??= `${esc}<${crypto.randomUUID()}>`))
      .replace(' ', () => text);
  }

  /** A table with columns as wide as they need to be. */
  table(rows: readonly (readonly string[])[], indent = '  '): void {
    const width = (text: string) => stripVTControlCharacters(shown(text)).length;
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
