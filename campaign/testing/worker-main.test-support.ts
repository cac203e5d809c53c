// A worker of a campaign as a process of its own, to be killed: node worker-main.test-support.ts STORE NAME ENGINE.
import { machinesOf } from '../../harness/run/machines.ts';
import { campaignIn } from '../campaigns.ts';
import { Ledger } from '../ledger.ts';
import { Queue } from '../queue.ts';
import { openStore } from '../store/open.ts';
import { work } from '../work.ts';
import { shortTimes } from './campaign-lab.test-support.ts';

const [, , store = '', name = '', engine = ''] = process.argv;
let told = false;
process.on('SIGTERM', () => (told = true));
const stop = (): boolean => told;
const database = await openStore(store, { connections: 4, stop });
const machines = await machinesOf([engine], {});
const queue = await Queue.open(database, name, { times: shortTimes, onTrouble: () => {} });
const { spec } = await campaignIn(database, name);
const ledger = new Ledger(database, queue, name);
await work({
  database,
  queue,
  ledger,
  spec,
  machines,
  stop,
  jobs: 1,
  shrinkMs: 2e3,
  onTrouble: () => {},
});
await queue.close();
await database.close();
