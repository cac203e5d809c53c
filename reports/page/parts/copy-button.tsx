// A command with a button that copies it, also where the clipboard is not open to pages (file://). What stays out: which command.
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

interface Props {
  readonly command: string;
  /** For those who cannot see what it stands beside. */
  readonly label: string;
}

export function Command({ command, label }: Props): JSX.Element {
  const code = useRef<HTMLElement>(null);
  const [said, setSaid] = useState('');
  const click = async (): Promise<void> => {
    if (code.current === null) return;
    const done = await copy(command, code.current);
    setSaid(done ? 'copied' : 'selected: copy it with your keyboard');
  };
  return (
    <div class="command">
      <code ref={code} tabIndex={0} role="group" aria-label={label}>
        {command}
      </code>
      <button type="button" class="controls" onClick={() => void click()}>
        Copy<span class="sr"> the command</span>
      </button>
      <span role="status" class="soft">
        {said}
      </span>
    </div>
  );
}
