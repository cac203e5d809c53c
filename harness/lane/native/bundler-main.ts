// Makes one bundle and prints it, JSON: a process of its own, since rolldown waits for ever for a thread that the system does
// not give, and ends its process where it fails. What stays out: when one is made, and how long it may take (run/script.ts).
import { bundlePrograms, Unbundled } from './bundle.ts';

const made = await bundlePrograms(process.argv.slice(2));
const told = made instanceof Unbundled ? made : { script: made.script, inputs: [...made.inputs] };
process.stdout.write(JSON.stringify(told));
