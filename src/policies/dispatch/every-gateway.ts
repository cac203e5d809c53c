import type { Dispatch } from './dispatch.ts';

export const everyGateway: Dispatch = {
  says: 'every gateway with dispatch_in_gateway dispatches, as reported',
  elects: false,
  viaServer: false,
};
