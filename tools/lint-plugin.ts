// The lint rules that oxlint does not have: import boundaries by resolved path, in every form that an import can take,
// and what a lane program must not do although no name gives it away. Loaded through `jsPlugins` in .oxlintrc.json.
// What stays out: the table of rooms (rooms.ts), and bans that oxlint's own rules express (.oxlintrc.json).
import { dirname, relative, resolve } from 'node:path';
import { doorsOf, refusal } from './rooms.ts';

/** The parts of an ESTree node that these rules look at. */
interface Node {
  readonly type: string;
  readonly parent?: Node;
  readonly source?: Node | null;
  readonly object?: Node;
  readonly computed?: boolean;
  readonly await?: boolean;
  readonly name?: string;
  readonly kind?: string;
  readonly value?: unknown;
  readonly quasis?: readonly { readonly value: { readonly cooked: string | null } }[];
}

interface Context {
  readonly filename: string;
  readonly cwd: string;
  report(finding: { node: Node; message: string }): void;
}

type Visitor = Record<string, (node: Node) => void>;

/** The text of a string literal, or of a template without holes; undefined when only the run can tell. */
function textOf(node: Node): string | undefined {
  if (typeof node.value === 'string') return node.value;
  if (node.type === 'TemplateLiteral' && node.quasis?.length === 1) return node.quasis[0]?.value.cooked ?? undefined;
  return undefined;
}

function isOneOf(packages: false | readonly string[], specifier: string): boolean {
  return packages !== false && packages.some((name) => specifier === name || specifier.startsWith(`${name}/`));
}

/** `lockstep/rooms`: imports keep to the table in rooms.ts. */
function rooms(context: Context): Visitor {
  const from = relative(context.cwd, context.filename);
  const doors = doorsOf(from);

  function check(node: Node): void {
    const { source } = node;
    if (source === undefined || source === null) return;
    const report = (message: string): void => context.report({ node: source, message });
    const specifier = textOf(source);
    const closed = doors?.packages === false;
    if (closed && node.type === 'ImportExpression') {
      report(`${doors.who} may not load modules with import(): a lane program is synchronous.`);
    } else if (specifier === undefined) {
      return;
    } else if (/^(\.|\/|file:)/.test(specifier)) {
      const target = relative(context.cwd, resolve(dirname(context.filename), specifier));
      const why = refusal(from, target);
      if (why !== undefined) report(why);
    } else if (doors?.packages !== undefined && !closed && !isOneOf(doors.packages, specifier)) {
      report(`${doors.who} may not import '${specifier}', only ${doors.packages.join(', ')}.`);
    } else if (closed) {
      report(`${doors.who} may not import '${specifier}': a lane program touches the world only through its World.`);
    }
  }

  return {
    ImportDeclaration: check,
    ExportNamedDeclaration: check,
    ExportAllDeclaration: check,
    ImportExpression: check,
    TSImportType: check,
  };
}

/** `lockstep/lane-program`: ways to time and chance that no banned name, property or `async` gives away. */
function laneProgram(context: Context): Visitor {
  const refuse = (node: Node): void =>
    context.report({ node, message: 'A lane program is synchronous: no await; use World.sleep, wait or receive.' });
  return {
    AwaitExpression: refuse,
    ForOfStatement: (node) => node.await === true && refuse(node),
    VariableDeclaration: (node) => node.kind === 'await using' && refuse(node),
    Identifier(node) {
      if (node.name !== 'Math') return;
      const { parent } = node;
      const named = parent?.type === 'MemberExpression' && parent.object === node && parent.computed !== true;
      if (named) return;
      context.report({
        node,
        message: 'Write Math.name in a lane program, so that Math.random cannot hide in an alias.',
      });
    },
  };
}

export default {
  meta: { name: 'lockstep' },
  rules: { rooms: { create: rooms }, 'lane-program': { create: laneProgram } },
};
