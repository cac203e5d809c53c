// A strict reader for the XML that the JUnit writer writes: elements, attributes, text, character references. Anything else,
// and everything that is not well formed, is an error. What stays out: the rest of XML, which that writer does not use.

export interface Element {
  readonly name: string;
  readonly attributes: { readonly [name: string]: string };
  readonly children: readonly (Element | string)[];
}

const named: { readonly [name: string]: string } = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Characters of XML 1.0, section 2.2. */
function check(text: string): void {
  const found = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u.exec(text);
  if (found !== null) throw new Error(`no character of XML: ${JSON.stringify(found[0])}`);
}

function decoded(text: string): string {
  if (/[<]|&(?!(?:amp|lt|gt|quot|apos|#\d+);)/.test(text) || text.includes(']]>'))
    throw new Error(`not escaped: ${text}`);
  const whole = text.replace(/&(?:#(\d+)|(\w+));/g, (_, code: string | undefined, name: string | undefined) => {
    return code === undefined ? (named[name ?? ''] ?? '') : String.fromCodePoint(Number(code));
  });
  check(whole);
  return whole;
}

/** Reads a document as a parser would: newlines normalised (section 2.11), attributes too (3.3.3). Throws where it is not well formed. */
export function readXml(source: string): Element {
  check(source);
  const text = source.replace(/\r\n?/g, '\n').replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/, '');
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray => {
    const sticky = new RegExp(pattern.source, 'y');
    sticky.lastIndex = at;
    const found = sticky.exec(text);
    if (found === null) throw new Error(`at ${at}: expected ${pattern.source}, found ${text.slice(at, at + 40)}`);
    at = sticky.lastIndex;
    return found;
  };
  const element = (): Element => {
    const name = take(/<([\w.-]+)/)[1] ?? '';
    const attributes: { [name: string]: string } = {};
    while (text[at] === ' ') {
      const [, key = '', value = ''] = take(/ ([\w.-]+)="([^"<]*)"/);
      if (key in attributes) throw new Error(`twice: ${key}`);
      attributes[key] = decoded(value.replace(/[\t\n]/g, ' '));
    }
    if (take(/\/?>/)[0] === '/>') return { name, attributes, children: [] };
    const children: (Element | string)[] = [];
    while (!text.startsWith('</', at)) children.push(text[at] === '<' ? element() : decoded(take(/[^<]+/)[0]));
    take(new RegExp(`</${name}>`));
    return { name, attributes, children };
  };
  const root = element();
  take(/\n/);
  if (at !== text.length) throw new Error('something follows the root');
  return root;
}
