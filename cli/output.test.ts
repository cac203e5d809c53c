// What is said arrives on a terminal as text: nothing that a file or a program says is obeyed, and a line feed in it begins no
// line of ours. Our own colours are.
import { stripVTControlCharacters } from 'node:util';
import { Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { Output } from './output.ts';
import { StatusLine } from './status-line.ts';
import { StandardStream } from './standard-stream.ts';
import { tellViolations } from './tell-violations.ts';

/** A stream that shows colour, and keeps what it is told. */
function terminal(more: object = {}): { readonly stream: StandardStream; readonly said: () => string } {
  let said = '';
  const stream = new Writable({
    write(text, _encoding, done) {
      said += String(text);
      done();
    },
  });
  const depth = { getColorDepth: () => 8, hasColors: () => true, columns: 80, isTTY: true, ...more };
  return { stream: new StandardStream(Object.assign(stream, depth)), said: () => said };
}

function speaking(json = false, more: object = {}) {
  const [out, err] = [terminal(), terminal(more)];
  return { output: new Output({ json, verbose: false }, { out: out.stream, err: err.stream }), out, err };
}

/** Clears the screen, forges a verdict, turns the direction, sets a title by a C1 control. */
const hostile = '\u001b[2J\nPASS  everything\r\u009d0;title\u0007\u202e\u2028\ud800';
const seen = String.raw`\u001b[2J\u000aPASS  everything\u000d\u009d0;title\u0007\u202e\u2028\ud800`;

describe('text from elsewhere is visible, on one line', () => {
  type Speaking = ReturnType<typeof speaking>;
  test.each([
    ['say', ({ output, out }: Speaking) => (output.say(`a ${hostile} b`), out.said()), `a ${seen} b\n`],
    ['progress', ({ output, err }: Speaking) => (output.progress(hostile), err.said()), `${seen}\n`],
    [
      'status',
      ({ output, err }: Speaking) => (output.status(hostile), err.said()),
      `\r\u001b[K${seen}`.slice(0, 79 + 4),
    ],
    ['table', ({ output, out }: Speaking) => (output.table([[hostile, 'x']], ''), out.said()), `${seen}  x\n`],
  ] as const)('%s', (_what, act, expected) => {
    expect(act(speaking())).toBe(expected);
  });

  test('a message of several lines keeps them, but only its first begins where our lines begin', () => {
    const { output, err } = speaking();
    output.complain('lockstep: it fails:\nlockstep: all is well\n', 'Do something.');
    expect(err.said()).toBe('lockstep: it fails:\n  lockstep: all is well\nDo something.\n');
  });
});

test('a violation that speaks in lines has them, below its first and indented; what else it has is visible', () => {
  const { output, out } = speaking();
  const message =
    'integrity_check says: *** in database main ***\nTree 2 page 2: btreeInitPage() returns error code 11\u001b[2J';
  const invariants = (['harm', 'hazard'] as const).map((about) => ({ name: about, about, says: '', check: () => [] }));
  const violations = [
    { invariant: 'harm', message, step: 7 },
    { invariant: 'hazard', message: 'it may do harm', step: null },
  ];
  tellViolations(violations, { invariants }, output);
  expect(stripVTControlCharacters(out.said()).split('\n')).toEqual([
    '    harm: integrity_check says: *** in database main ***',
    String.raw`        Tree 2 page 2: btreeInitPage() returns error code 11\u001b[2J (step 7)`,
    '    hazard (a hazard, no harm by itself): it may do harm',
    '',
  ]);
});

describe('a line of progress', () => {
  test('lives on a terminal, with the time it has taken, and is gone at its end', () => {
    const { output, err } = speaking();
    {
      using status = new StatusLine(output, 'the first run');
      status.says('at once, so that nobody could read it');
    }
    expect(err.said()).toBe('\r\u001b[Kthe first run (0 s)\r\u001b[K');
  });

  test('is as long as a terminal that does not know its width could show', () => {
    const { output, err } = speaking(false, { columns: 0 });
    output.status('something');
    expect(err.said()).toBe('\r\u001b[Ksomething');
  });

  test('is not there where no terminal is', () => {
    const { output, err } = speaking(false, { isTTY: false });
    {
      using status = new StatusLine(output, 'the first run');
      status.says('more');
    }
    expect(err.said()).toBe('');
  });
});

test('colours of our own are colours, those of others are not', () => {
  const { output, out } = speaking();
  const red = output.paint('red', `x\u001b[32my`);
  output.say(`${red} \u001b[32mz`);
  expect(out.said()).toBe('\u001b[31mx\\u001b[32my\u001b[39m \\u001b[32mz\n');
});

test('a table is as wide as what is seen', () => {
  const { output, out } = speaking();
  output.table(
    [
      ['\u0007', '1'],
      [output.paint('bold', 'abc'), '2'],
    ],
    '',
  );
  expect(out.said()).toBe('\\u0007  1\n\u001b[1mabc\u001b[22m     2\n');
});

test('a document says the same, in characters that no terminal obeys', () => {
  const { output, out } = speaking(true);
  const document = { text: hostile, tag: '\u{e0001}', sign: '✓' };
  output.result(document);
  output.result({ second: true });
  expect(JSON.parse(out.said())).toEqual(document);
  expect(out.said()).not.toMatch(/[^\n\P{Cc}]|[\p{Cf}\p{Zl}\p{Zp}]/u);
  expect(out.said()).toContain('✓');
});

test('what could not be written to a file is said whole, on the stream that is left', () => {
  const { output, out, err } = speaking();
  err.stream.stream.emit('error', Object.assign(new Error('full'), { code: 'ENOSPC' }));
  output.rescue('{\n  "plan": 1\n}\n', 'a\nb.json');
  expect(out.said()).toBe('{\n  "plan": 1\n}\nThe file above could not be written to a\\u000ab.json: copy it.\n');
  expect(output.keptAll).toBe(false);
});
