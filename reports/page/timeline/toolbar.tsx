// Search, stepping and zooming, as buttons and a field. What stays out: what they do.
import type { RefObject } from 'preact';
import { figure } from '../../words.ts';
import { type Command, keyHelp } from './keys.ts';

const paths: { readonly [name: string]: string } = {
  first: 'M4 3V13M12.5 3.5L7 8L12.5 12.5Z',
  previous: 'M10.5 3.5L5.5 8L10.5 12.5',
  next: 'M5.5 3.5L10.5 8L5.5 12.5',
  last: 'M12 3V13M3.5 3.5L9 8L3.5 12.5Z',
  previousEvent: 'M7 4L3 8L7 12M10.5 5L13.5 8L10.5 11L7.5 8Z',
  nextEvent: 'M9 4L13 8L9 12M5.5 5L8.5 8L5.5 11L2.5 8Z',
  zoomIn: 'M8 3V13M3 8H13',
  zoomOut: 'M3 8H13',
  search: 'M7 2.5A4.5 4.5 0 1 1 7 11.5A4.5 4.5 0 1 1 7 2.5ZM10.4 10.4L14 14',
};

function Icon({ name }: { name: string }) {
  return (
    <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" class="tl-icon">
      <path d={paths[name] ?? ''} />
    </svg>
  );
}

interface ButtonProps {
  readonly icon: string;
  readonly label: string;
  readonly onClick: () => void;
}

function IconButton({ icon, label, onClick }: ButtonProps) {
  return (
    <button type="button" class="tl-button" aria-label={label} title={label} onClick={onClick}>
      <Icon name={icon} />
    </button>
  );
}

/**
 * @property found how many steps fit the search @property place of the current step among them, from 1; null when it is
 *   none of them
 */
export interface Search {
  readonly query: string;
  readonly found: number;
  readonly place: number | null;
  readonly onQuery: (query: string) => void;
  readonly onGo: (direction: 1 | -1) => void;
}

function SearchField({ search, field }: { search: Search; field: RefObject<HTMLInputElement | null> }) {
  const { query, found, place, onQuery, onGo } = search;
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') onGo(event.shiftKey ? -1 : 1);
    else if (event.key === 'Escape' && query !== '') onQuery('');
    else return;
    event.preventDefault();
  };
  const at = place === null ? '' : `${figure(place)} of `;
  const count = query.trim() === '' ? '' : found === 0 ? 'nothing found' : `${at}${figure(found)}`;
  return (
    <search class="tl-search">
      <Icon name="search" />
      <input
        ref={field}
        type="text"
        value={query}
        placeholder="Search steps: lock, -wal, busy, op:delete…"
        aria-label="Search steps"
        aria-description="Operation, file, result, lane, arguments or text. Enter goes to the next, Shift and Enter to the one before."
        spellcheck={false}
        autocomplete="off"
        onInput={(event) => onQuery(event.currentTarget.value)}
        onKeyDown={onKey}
      />
      <span class="tl-found" role="status">
        {count}
      </span>
      {found === 0 ? null : (
        <>
          <IconButton icon="previous" label="Previous found (Shift Enter)" onClick={() => onGo(-1)} />
          <IconButton icon="next" label="Next found (Enter)" onClick={() => onGo(1)} />
        </>
      )}
    </search>
  );
}

interface Props {
  readonly search: Search;
  readonly field: RefObject<HTMLInputElement | null>;
  readonly run: (command: Command) => void;
}

export function Toolbar({ search, field, run }: Props) {
  return (
    <div class="tl-toolbar">
      <SearchField search={search} field={field} />
      <div class="tl-group" role="group" aria-label="Step">
        <IconButton icon="first" label="First step (Home)" onClick={() => run('first')} />
        <IconButton icon="previous" label="Previous step (←)" onClick={() => run('previous')} />
        <IconButton icon="next" label="Next step (→)" onClick={() => run('next')} />
        <IconButton icon="last" label="Last step (End)" onClick={() => run('last')} />
      </div>
      <div class="tl-group" role="group" aria-label="Event">
        <IconButton icon="previousEvent" label="Previous event (p)" onClick={() => run('previousEvent')} />
        <IconButton icon="nextEvent" label="Next event (n)" onClick={() => run('nextEvent')} />
      </div>
      <div class="tl-group" role="group" aria-label="Zoom">
        <IconButton icon="zoomOut" label="Zoom out (−)" onClick={() => run('zoomOut')} />
        <IconButton icon="zoomIn" label="Zoom in (+)" onClick={() => run('zoomIn')} />
        <button type="button" class="tl-button tl-worded" title="Fit the whole run (f)" onClick={() => run('fit')}>
          Fit
        </button>
      </div>
      <details class="tl-help">
        <summary class="tl-button tl-worded">Keys</summary>
        <dl>
          {keyHelp.map(([keys, does]) => (
            <div key={keys}>
              <dt>{keys}</dt>
              <dd>{does}</dd>
            </div>
          ))}
        </dl>
      </details>
    </div>
  );
}
