// A command or a text with a button that copies it, also where the clipboard is not open to pages (file://). What stays out: which.
import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';

/** The way of old, by a selection; it needs the text in the page. */
function copySelected(element: HTMLElement): boolean {
  const selection = getSelection();
  selection?.selectAllChildren(element);
  // oxlint-disable-next-line typescript/no-deprecated -- the only way where navigator.clipboard is denied
  const copied = document.execCommand('copy');
  if (copied) selection?.removeAllRanges();
  return copied;
}

async function copy(text: string, element: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelected(element);
  }
}

/** What copies the text of an element that shows it, and says what came of it. */
function useCopying<E extends HTMLElement>(text: string) {
  const element = useRef<E>(null);
  const [said, setSaid] = useState('');
  const click = async (): Promise<void> => {
    if (element.current === null) return;
    const done = await copy(text, element.current);
    setSaid(done ? 'copied' : 'selected: copy it with your keyboard');
  };
  return { element, said, click };
}

function CopyButton({ what, click }: { readonly what: string; readonly click: () => Promise<void> }): JSX.Element {
  return (
    <button type="button" class="controls" onClick={() => void click()}>
      Copy<span class="sr"> the {what}</span>
    </button>
  );
}

function Said({ said }: { readonly said: string }): JSX.Element {
  return (
    <span role="status" class="soft">
      {said}
    </span>
  );
}

interface Props {
  readonly command: string;
  /** For those who cannot see what it stands beside. */
  readonly label: string;
}

export function Command({ command, label }: Props): JSX.Element {
  const { element, said, click } = useCopying<HTMLElement>(command);
  return (
    <div class="command">
      <code ref={element} tabIndex={0} role="group" aria-label={label}>
        {command}
      </code>
      <CopyButton what="command" click={click} />
      <Said said={said} />
    </div>
  );
}

/** A text of several lines. */
export function Block({ text, label }: { readonly text: string; readonly label: string }): JSX.Element {
  const { element, said, click } = useCopying<HTMLPreElement>(text);
  return (
    <div class="block">
      <pre ref={element} tabIndex={0} role="group" aria-label={label}>
        {text}
      </pre>
      <div>
        <CopyButton what="text" click={click} /> <Said said={said} />
      </div>
    </div>
  );
}
