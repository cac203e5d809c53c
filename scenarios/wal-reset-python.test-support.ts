import { walResetPython } from './wal-reset-python.ts';

export const scenarios = [walResetPython('/usr/bin/python3')];
