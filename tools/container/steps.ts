// The steps of a Containerfile, as far as ours takes them: stages of FROM, WORKDIR, COPY, RUN, ENV, USER, ENTRYPOINT, CMD, a line each. What stays out:
// taking them (try.ts).

/** @property words of the instruction, for COPY and in exec form; `text`: all after it */
export interface Step {
  readonly instruction: string;
  readonly text: string;
}

/** @property image that it begins with · @property name of the stage */
export interface Stage {
  readonly image: string;
  readonly name: string | undefined;
  readonly steps: readonly Step[];
}

const known = ['WORKDIR', 'COPY', 'RUN', 'ENV', 'USER', 'ENTRYPOINT', 'CMD'];

/** @throws where a line is none of these */
export function stagesOf(containerfile: string): readonly Stage[] {
  const stages: { image: string; name: string | undefined; steps: Step[] }[] = [];
  for (const line of containerfile.split('\n').map((one) => one.trim())) {
    if (line === '' || line.startsWith('#')) continue;
    const [, instruction = '', text = ''] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    const last = stages.at(-1);
    if (instruction === 'FROM') {
      const [, image = '', name] = /^(\S+)(?:\s+AS\s+(\S+))?$/.exec(text) ?? [];
      stages.push({ image, name, steps: [] });
    } else if (last !== undefined && known.includes(instruction)) last.steps.push({ instruction, text });
    else throw new Error(`This line of the Containerfile is not understood: ${line}`);
  }
  return stages;
}

/** The words of `["a", "b"]`. */
export function execForm(text: string): readonly string[] {
  const words: unknown = JSON.parse(text);
  if (!Array.isArray(words) || words.some((one) => typeof one !== 'string'))
    throw new Error(`${text} is no list of words.`);
  return words as string[];
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * A shell script that takes the steps in the file system as it finds it.
 *
 * @param context folder from which the first stage copies; what later ones copy from earlier stages lies there already
 * @returns `run`: the command of the image with these words after it, as its user, with nothing but its own environment
 */
export function scriptOf(
  stages: readonly Stage[],
  context: string,
): { readonly build: string; readonly run: (words: readonly string[], path: string) => string } {
  const lines = ['set -e'];
  let [workdir, user] = ['/', '0:0'];
  const environment = new Map<string, string>();
  let entry: readonly string[] = [];
  for (const { steps } of stages)
    for (const { instruction, text } of steps) {
      if (instruction === 'WORKDIR') lines.push(`mkdir -p ${quoted((workdir = text))}`, `cd ${quoted(text)}`);
      if (instruction === 'RUN') lines.push(`echo ${quoted(`RUN ${text}`)}`, text);
      if (instruction === 'ENV') {
        const [name = '', ...value] = text.split('=');
        environment.set(name, value.join('='));
        lines.push(`export ${name}=${quoted(value.join('='))}`);
      }
      if (instruction === 'USER') user = text;
      if (instruction === 'ENTRYPOINT') entry = execForm(text);
      if (instruction === 'COPY') lines.push(copyOf(text, context));
    }
  const run = (words: readonly string[], path: string): string => {
    const [uid = '0', gid = '0'] = user.split(':');
    const variables = [...environment, ['PATH', path], ['HOME', '/nonexistent']].map(
      ([name, value]) => `${name}=${value}`,
    );
    const as = [
      'setpriv',
      `--reuid=${uid}`,
      `--regid=${gid}`,
      '--clear-groups',
      '--no-new-privs',
      'env',
      '-i',
      ...variables,
    ];
    return `mkdir -p ${quoted(workdir)}; chown ${user} ${quoted(workdir)}; cd ${quoted(workdir)}; ${[...as, ...entry, ...words].map(quoted).join(' ')}`;
  };
  return { build: lines.join('\n'), run };
}

/** `COPY . .` from the context; from another stage what lies in its place already only changes its owner. */
function copyOf(text: string, context: string): string {
  const words = text.split(/\s+/);
  const owner = words.find((one) => one.startsWith('--chown='))?.slice('--chown='.length);
  const [from = '', to = ''] = words.filter((one) => !one.startsWith('--'));
  if (!words.some((one) => one.startsWith('--from='))) return `cp -a ${quoted(`${context}/${from}`)} ${quoted(to)}`;
  if (from !== to) throw new Error(`COPY from a stage to another place is not understood: ${text}`);
  return owner === undefined ? ':' : `chown -R ${quoted(owner)} ${quoted(to)}`;
}
