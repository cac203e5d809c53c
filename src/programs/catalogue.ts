// The programs of the simulated system, by the name under which a scenario, and one program for another, starts them.
import type { ProgramRef } from '../../harness/lane/world.ts';

function at(url: URL, name: string): ProgramRef {
  return { module: url.href, export: name };
}

export const programs = {
  init: at(new URL('./operator/init.ts', import.meta.url), 'init'),
  operator: at(new URL('./operator/operator.ts', import.meta.url), 'operator'),
  'fresh-reader': at(new URL('./operator/fresh-reader.ts', import.meta.url), 'freshReader'),
  'health-checker': at(new URL('./operator/health-checker.ts', import.meta.url), 'healthChecker'),
  supervisor: at(new URL('./supervisor/supervisor.ts', import.meta.url), 'supervisor'),
  unit: at(new URL('./supervisor/unit.ts', import.meta.url), 'unit'),
  gateway: at(new URL('./gateway/gateway.ts', import.meta.url), 'gateway'),
  dispatcher: at(new URL('./gateway/dispatcher.ts', import.meta.url), 'dispatcher'),
  'first-ticks': at(new URL('./gateway/first-ticks.ts', import.meta.url), 'firstTicks'),
  notifier: at(new URL('./gateway/notifier.ts', import.meta.url), 'notifier'),
  budget: at(new URL('./gateway/budget.ts', import.meta.url), 'budget'),
  watchdog: at(new URL('./gateway/watchdog.ts', import.meta.url), 'watchdog'),
  chat: at(new URL('./gateway/chat.ts', import.meta.url), 'chat'),
  verifier: at(new URL('./worker/verifier.ts', import.meta.url), 'verifier'),
  'board-lane': at(new URL('./board/server.ts', import.meta.url), 'boardLane'),
  'board-server': at(new URL('./board/server.ts', import.meta.url), 'boardServer'),
  kanban: at(new URL('./cli/kanban.ts', import.meta.url), 'kanban'),
  holder: at(new URL('./holder/holder.ts', import.meta.url), 'holder'),
  dashboard: at(new URL('./dashboard/dashboard.ts', import.meta.url), 'dashboard'),
} as const;
