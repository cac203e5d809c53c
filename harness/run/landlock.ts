// Asks in a process of its own whether this kernel can hold lanes to the folders of their runs: a process that has been held
// once stays so. What stays out: what lanes may do (lockstep_confine in gate.c).
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { harnessError } from '../errors/errors.ts';
import { prebuiltBinding } from '../engines/prebuilt.ts';
import { coordinatorEnv } from '../host/child-env.ts';
import { gatePath } from '../gate/build.ts';

const program = fileURLToPath(new URL('./try-landlock.ts', import.meta.url));

/**
 * Confines a process and has it try to write elsewhere.
 *
 * @returns the version of Landlock; 0 where the kernel has none
 * @param signal ends it: it throws then
 * @throws a harness error when the kernel says that it confines and does not
 */
export async function landlockVersion(signal?: AbortSignal): Promise<number> {
  const command = [program, prebuiltBinding() ?? '', await gatePath({ signal })];
  const { stdout } = await execa(process.execPath, command, {
    stdin: 'ignore',
    env: coordinatorEnv(),
    extendEnv: false,
    ...(signal && { cancelSignal: signal }),
  });
  const { version, wrote } = JSON.parse(stdout) as { readonly version: number; readonly wrote: boolean };
  if (version > 0 && wrote) {
    throw harnessError(
      'NOT_CONFINED',
      `Landlock ${version} of this kernel let a confined process write outside of its folder.`,
      'Replay plans of strangers on another machine, and report the kernel.',
    );
  }
  return version;
}
