// The page's colours, as a canvas needs them: its custom properties, resolved for the theme in force. What stays out: the
// values, which tokens.css holds.

const names = [
  'surface',
  'surface-raised',
  'surface-sunken',
  'line',
  'line-strong',
  'text',
  'text-soft',
  'accent',
  'fail',
  'fail-wash',
  'pass',
  'unsure',
  'unsure-wash',
  'shared',
  'exclusive',
  'reserved',
] as const;

export type ColourName = (typeof names)[number];

/**
 * @property colours CSS colours that a canvas takes @property dark whether text is lighter than its ground
 * @property lanes a fill for each lane: one hue a process, all of the same lightness
 */
export interface Palette {
  readonly colours: { readonly [name in ColourName]: string };
  readonly dark: boolean;
  readonly lanes: readonly string[];
  readonly font: string;
  readonly mono: string;
}

/** Hues of processes, in degrees of OKLCH: neighbours far apart, and none the red of failures. */
const hues = [250, 165, 305, 95, 210, 340, 130, 275];

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = (colour.match(/[\d.]+/g) ?? []).map(Number);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/**
 * Reads the colours that hold now.
 *
 * @param element where the properties hold; a child is put in for a moment, since a property that says `light-dark()`
 *   is resolved only where it is used
 * @param laneNames `<process>/<thread>`
 */
export function readPalette(element: HTMLElement, laneNames: readonly string[]): Palette {
  const probe = document.createElement('span');
  probe.hidden = true;
  element.append(probe);
  const style = getComputedStyle(probe);
  const read = (name: ColourName): [ColourName, string] => {
    probe.style.color = `var(--${name})`;
    return [name, style.color];
  };
  const colours = Object.fromEntries(names.map(read)) as Palette['colours'];
  probe.style.fontFamily = 'var(--font)';
  const font = style.fontFamily;
  probe.style.fontFamily = 'var(--mono)';
  const mono = style.fontFamily;
  probe.remove();
  const dark = luminance(colours.text) > luminance(colours.surface);
  const processes = [...new Set(laneNames.map((name) => name.split('/')[0] ?? name))];
  const lanes = laneNames.map((name) => {
    const hue = hues[processes.indexOf(name.split('/')[0] ?? name) % hues.length] ?? 0;
    return `oklch(${dark ? 0.68 : 0.57} 0.085 ${hue})`;
  });
  return { colours, dark, lanes, font, mono };
}
