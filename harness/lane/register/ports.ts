// Ports of messages: Node's own, between threads that are lanes. What a thread posts is there when another is granted, since only one runs at a
// time; who waits is told by the coordinator. Node's loop stands still where nothing keeps it alive, so ports do not: what of them a program
// wants to be kept alive by is counted here. What stays out: threads (workers.ts).
import { MessagePort } from 'node:worker_threads';
import type { ProcessOfRun } from './process-of-run.ts';
import { posts, type Waits } from './waits.ts';

type Method = (this: MessagePort, ...given: unknown[]) => unknown;
type Methods = { readonly [name in 'postMessage' | 'ref' | 'unref' | 'hasRef' | 'close']: Method };

export function replacePorts(process_: ProcessOfRun, waits: Waits): void {
  const prototype = MessagePort.prototype as unknown as Methods;
  const { postMessage, ref, unref, hasRef, close } = prototype;
  const kept = new Set<MessagePort>();
  const isOpen = (port: MessagePort): boolean => {
    ref.call(port);
    const open = hasRef.call(port) === true;
    unref.call(port);
    return open;
  };
  waits.addKeeper({
    keeps: () => {
      for (const port of kept) if (!isOpen(port)) kept.delete(port);
      return kept.size > 0;
    },
  });
  Object.assign(MessagePort.prototype, {
    postMessage(this: MessagePort, ...given: unknown[]): unknown {
      const result = postMessage.apply(this, given);
      posts(process_);
      return result;
    },
    close(this: MessagePort, ...given: unknown[]): void {
      close.apply(this, given);
      posts(process_);
    },
    ref(this: MessagePort): void {
      kept.add(this);
    },
    unref(this: MessagePort): void {
      kept.delete(this);
      unref.call(this);
    },
    hasRef(this: MessagePort): boolean {
      return kept.has(this) && isOpen(this);
    },
  });
}
