// The page of the family says what the sections and the shipped plans say; and nothing of SQLite's page is left out.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { PREBUILT_ENGINE } from '../../harness/engines/catalogue.ts';
import { sections } from './catalogue.ts';
import { bySection, notHere } from './not-here.ts';
import { pageFile, pageText } from './page.ts';
import { shippedPlan } from './shipped.ts';

test('docs/howtocorrupt.md is what `npm run reference` writes', () => {
  expect(readFileSync(pageFile, 'utf8')).toBe(pageText());
});

/** sqlite.org/howtocorrupt.html as of September 2026 (SQLite 3.53.4): the sections that tell of a way. */
const headings =
  '1.1 1.2 1.3 1.4 2.1 2.2 2.3 2.4 2.5 2.6 2.7 3.1 3.2 4.1 4.2 5 6.1 6.2 6.3 7 8.1 8.2 8.3 8.4 8.5 8.6 8.7 8.8 8.9';

test('each section of SQLite’s page is acted out, or it is said why not', () => {
  const told = [...sections, ...notHere].toSorted(bySection).map(({ section }) => section);
  expect([...new Set(told)]).toEqual(headings.split(' '));
});

test('each section that is acted out has a right way, and a wrong one or a reason why there is none', () => {
  for (const { section, ways } of sections) {
    expect(ways.some(({ wrong }) => wrong === undefined)).toBe(true);
    const hasWrong = ways.some(({ wrong }) => wrong !== undefined);
    expect([section, hasWrong || notHere.some((one) => one.section === section)]).toEqual([section, true]);
  }
});

test('each wrong way has a plan that shows it', () => {
  const without = sections.flatMap(({ scenario, ways }) =>
    ways.flatMap(({ name, wrong, engines = [PREBUILT_ENGINE] }) =>
      wrong === undefined
        ? []
        : engines.flatMap((engine) =>
            shippedPlan(scenario.name, name, engine) === undefined ? [`${scenario.name} ${name} ${engine}`] : [],
          ),
    ),
  );
  expect(without).toEqual([]);
});
