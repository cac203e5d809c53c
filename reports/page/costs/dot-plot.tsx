// A dot plot: a row a strategy, a panel a number of gateways, all panels on one scale. What stays out: what the dots are.
import type { JSX } from 'preact';
import { quantity } from '../quantities.ts';
import type { Scale } from './scale.ts';

/** @property shape differs in outline, so that marks are told apart without colour */
export interface Dot {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly shape: 'full' | 'hollow' | 'tick';
}

export interface Panel {
  readonly title: string;
  readonly rows: readonly { readonly name: string; readonly dots: readonly Dot[]; readonly says: string }[];
  /** A value to compare with, where there is one. */
  readonly reference: number | undefined;
}

const rowHeight = 20;

function DotMark({ dot, scale, y }: { readonly dot: Dot; readonly scale: Scale; readonly y: number }): JSX.Element {
  const x = `${scale.at(dot.value)}%`;
  return (
    <>
      <line class="interval" x1={`${scale.at(dot.low)}%`} x2={`${scale.at(dot.high)}%`} y1={y} y2={y} />
      {dot.shape === 'tick' ? (
        <line class="tick-mark" x1={x} x2={x} y1={y - 5} y2={y + 5} />
      ) : (
        <circle class={dot.shape} cx={x} cy={y} r="3.5" />
      )}
    </>
  );
}

function Plot({ panel, scale }: { readonly panel: Panel; readonly scale: Scale }): JSX.Element {
  const height = panel.rows.length * rowHeight;
  return (
    <svg class="plot" width="100%" height={height} aria-hidden="true">
      {scale.ticks.map((tick) => (
        <line key={tick} class="grid-line" x1={`${scale.at(tick)}%`} x2={`${scale.at(tick)}%`} y1="0" y2={height} />
      ))}
      {panel.reference !== undefined && (
        <line
          class="reference"
          x1={`${scale.at(panel.reference)}%`}
          x2={`${scale.at(panel.reference)}%`}
          y1="0"
          y2={height}
        />
      )}
      {panel.rows.map(({ name, dots }, place) => {
        const y = (place + 0.5) * rowHeight;
        const [first] = dots;
        const last = dots.at(-1);
        return (
          <g key={name}>
            {dots.length > 1 && first !== undefined && last !== undefined && (
              <line class="span" x1={`${scale.at(first.value)}%`} x2={`${scale.at(last.value)}%`} y1={y} y2={y} />
            )}
            {dots.map((dot) => (
              <DotMark key={dot.shape} dot={dot} scale={scale} y={y} />
            ))}
          </g>
        );
      })}
    </svg>
  );
}

interface Props {
  readonly panels: readonly Panel[];
  readonly scale: Scale;
  readonly unit: string;
}

export function DotPlot({ panels, scale, unit }: Props): JSX.Element {
  return (
    <div class="panels" style={`--panels: ${panels.length}`}>
      {panels.map((panel) => (
        <figure key={panel.title}>
          <figcaption>{panel.title}</figcaption>
          <ul class="names" style={`--row: ${rowHeight}px`}>
            {panel.rows.map(({ name, says }) => (
              <li key={name} title={name}>
                <span>{name}</span>
                <span class="sr">: {says}</span>
              </li>
            ))}
          </ul>
          <Plot panel={panel} scale={scale} />
          <div class="axis" aria-hidden="true">
            {scale.ticks.map((tick) => (
              <span key={tick} style={`left: ${scale.at(tick)}%`}>
                {quantity(tick)
                  .replace(/(\.\d*?)0+$/, '$1')
                  .replace(/\.$/, '')}
              </span>
            ))}
            <i>{unit}</i>
          </div>
        </figure>
      ))}
    </div>
  );
}
