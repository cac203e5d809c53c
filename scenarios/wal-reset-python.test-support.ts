// The scenarios of wal-reset-python.test.ts, for jobs that load them by this module.
import { debianPython } from '../harness/testing/python-lab.test-support.ts';
import { walResetPython } from './wal-reset-python.ts';

export const scenarios = [walResetPython(debianPython)];
