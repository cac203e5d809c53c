// Interfaces and schemas of a source file with what their docstrings say, member by member. What stays out: how a page shows them.
import { readFileSync } from 'node:fs';
import { type Comment, parseSync } from 'oxc-parser';

/** @property type its source; empty where it has none */
export interface Member {
  readonly name: string;
  readonly type: string;
  readonly says: string;
}

/** @property says what stands above it, less what it says of its members */
export interface Declaration {
  readonly name: string;
  readonly says: string;
  readonly members: readonly Member[];
}

/** A node of the tree, as far as it is read here. */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

interface Doc {
  readonly says: string;
  readonly properties: ReadonlyMap<string, string>;
}

/** Reads what a TypeScript file declares at its top. */
export class Declarations {
  readonly #text: string;
  readonly #body: readonly Node[];
  readonly #comments: readonly Comment[];
  readonly #path: string;

  /** @param path of a TypeScript file */
  constructor(path: string) {
    this.#path = path;
    this.#text = readFileSync(path, 'utf8');
    const { program, comments, errors } = parseSync(path, this.#text);
    if (errors[0] !== undefined) throw new Error(`${path}: ${errors[0].message}`);
    this.#body = program.body as unknown as readonly Node[];
    this.#comments = comments;
  }

  /** An interface, what it inherits first; of the same file. */
  interface(name: string): Declaration {
    for (const statement of this.#body) {
      const node = (statement['declaration'] as Node | null | undefined) ?? statement;
      if (node.type !== 'TSInterfaceDeclaration' || (node['id'] as { name: string }).name !== name) continue;
      const doc = this.#docBefore(statement.start);
      const inherited = ((node['extends'] ?? []) as readonly Node[]).flatMap(
        (parent) => this.interface(this.#source(parent)).members,
      );
      const own = (node['body'] as { readonly body: readonly Node[] }).body.map((member) => this.#member(member, doc));
      const members = [...inherited, ...own];
      return { name, says: doc.says, members };
    }
    throw new Error(`${this.#path} has no interface ${name}.`);
  }

  /** The fields of a constant that is made by `z.strictObject`, with what stands above each. */
  schema(name: string): Declaration {
    for (const statement of this.#body) {
      const node = (statement['declaration'] as Node | null | undefined) ?? statement;
      if (node.type !== 'VariableDeclaration') continue;
      const declarator = (node['declarations'] as readonly Node[])[0];
      if (declarator === undefined || (declarator['id'] as { name: string }).name !== name) continue;
      const fields = firstObject(declarator['init'] as Node);
      const members = fields.map((field) => ({
        name: this.#source(field['key'] as Node),
        type: '',
        says: this.#docBefore(field.start).says,
      }));
      return { name, says: this.#docBefore(statement.start).says, members };
    }
    throw new Error(`${this.#path} has no schema ${name}.`);
  }

  #member(node: Node, { properties }: Doc): Member {
    const key = this.#source(node['key'] as Node);
    const own = this.#docBefore(node.start);
    const whole = this.#source(node)
      .replace(/^readonly /, '')
      .replace(/;$/, '');
    const says = own.says === '' ? (properties.get(key) ?? '') : own.says;
    return { name: key, type: whole.slice(key.length).replace(/\s+/g, ' '), says };
  }

  #source({ start, end }: Node): string {
    return this.#text.slice(start, end);
  }

  /** The docstring that ends just before a place. */
  #docBefore(start: number): Doc {
    const comment = this.#comments.findLast(({ end }) => end <= start);
    const isDoc = comment !== undefined && comment.type === 'Block' && comment.value.startsWith('*');
    if (!isDoc || this.#text.slice(comment.end, start).trim() !== '') return { says: '', properties: new Map() };
    const lines = comment.value
      .replace(/^\*/, '')
      .split('\n')
      .map((line) => line.replace(/^\s*\* ?/, '').trimEnd());
    const [head = '', ...parts] = lines.join('\n').split(/^@/m);
    const properties = new Map<string, string>();
    const more: string[] = [];
    for (const part of parts) {
      const property = /^property (\S+)\s+([\s\S]*)$/.exec(part);
      if (property?.[1] !== undefined) properties.set(property[1], flowed(property[2] ?? ''));
      else
        more.push(
          flowed(
            part
              .replace(/^(param) (\S+)/, '`$2`:')
              .replace(/^returns/, 'Result:')
              .replace(/^throws/, 'Throws:'),
          ),
        );
    }
    return { says: [flowed(head), ...more].filter((text) => text !== '').join(' '), properties };
  }
}

/** One paragraph; links by the name that they have. */
function flowed(text: string): string {
  return text
    .replace(/\{@link ([^}]+)\}/g, '`$1`')
    .replace(/\s+/g, ' ')
    .trim();
}

/** The fields of the object literal in an expression such as `z.strictObject({…}).refine(…)`: of its innermost call that has one. */
function firstObject(call: Node): readonly Node[] {
  const callee = call['callee'] as Node | undefined;
  const inner = callee?.['object'] as Node | undefined;
  if (inner?.type === 'CallExpression') return firstObject(inner);
  const given = (call['arguments'] ?? []) as readonly Node[];
  return (given.find(({ type }) => type === 'ObjectExpression')?.['properties'] ?? []) as readonly Node[];
}
