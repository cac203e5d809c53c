// Light or dark: as the system has it, until somebody says otherwise. What stays out: colours (tokens.css).
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';

const themes = ['system', 'light', 'dark'] as const;
type Theme = (typeof themes)[number];

const key = 'lockstep-theme';

/** What was chosen last; pages from a disk may be denied storage. */
function kept(): Theme {
  try {
    return themes.find((theme) => theme === localStorage.getItem(key)) ?? 'system';
  } catch {
    return 'system';
  }
}

function apply(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
}

/** Before the first paint, so that the page does not flash. */
export function restoreTheme(): void {
  apply(kept());
}

export function ThemeButton(): JSX.Element {
  const [theme, setTheme] = useState(kept);
  const next = themes[(themes.indexOf(theme) + 1) % themes.length] ?? 'system';
  const choose = (): void => {
    apply(next);
    setTheme(next);
    try {
      localStorage.setItem(key, next);
    } catch {
      // It holds for this visit.
    }
  };
  return (
    <button type="button" class="quiet" onClick={choose} title={`Switch to ${next}`}>
      Theme: {theme}
    </button>
  );
}
