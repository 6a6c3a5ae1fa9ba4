import type { LocalFault } from '../../../local-cloud/start';

/** What may go wrong with one call of the release function: once, or as often as the SDK tries. */
export const EFFECTS: Readonly<Record<string, Omit<LocalFault, 'action'>>> = {
  'the worker dies before it is carried out': { effect: 'caller-killed', when: 'before' },
  'the worker dies after it was carried out': { effect: 'caller-killed', when: 'after' },
  'it is throttled': { effect: 'throttle' },
  'it fails': { effect: 'error', times: 3 },
  'it is carried out and its answer is lost': { effect: 'answer-lost' },
};
