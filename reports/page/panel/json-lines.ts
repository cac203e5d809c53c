// JSON for reading: an object or a list that fits on a line stands on one. Pure. What stays out: bytes of files.

const textMax = 120;

/** `value` as lines, indented by two spaces a level. */
export function jsonLines(value: unknown, indent = '', before = '', after = ''): readonly string[] {
  const flat = JSON.stringify(value)?.replace(
    /("(?:[^"\\]|\\.)*")|([,:])/g,
    (_, text: string | undefined, sign: string) => text ?? `${sign} `,
  );
  const line = `${indent}${before}${flat ?? 'null'}${after}`;
  if (value === null || typeof value !== 'object' || ((flat ?? '').length <= textMax && indent !== '')) return [line];
  const inner = `${indent}  `;
  const list = Array.isArray(value);
  const entries: readonly (readonly [string, unknown])[] = list
    ? value.map((item) => ['', item] as const)
    : Object.entries(value).map(([name, item]) => [`${JSON.stringify(name)}: `, item] as const);
  const lines = entries.flatMap(([name, item], place) =>
    jsonLines(item, inner, name, place === entries.length - 1 ? '' : ','),
  );
  return [`${indent}${before}${list ? '[' : '{'}`, ...lines, `${indent}${list ? ']' : '}'}${after}`];
}
