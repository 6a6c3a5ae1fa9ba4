import { request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { onThisMachine } from './addresses';
import type { PodContainer, PodProbe } from './pod';

const DEFAULT_PERIOD_SECONDS = 10;
const DEFAULT_FAILURES = 3;

/** Asks once. */
export type Question = () => Promise<boolean>;

/** How a container is asked. */
export function question(probe: PodProbe, container: PodContainer, address: string): Question {
  const host = onThisMachine(address);
  const timeout = (probe.timeoutSeconds ?? 1) * 1000;
  const { httpGet, tcpSocket } = probe;
  const port = portOf(httpGet?.port ?? tcpSocket?.port ?? 0, container);
  return httpGet === undefined
    ? () => accepts(host, port, timeout)
    : () => answers(host, port, httpGet.path ?? '/', timeout);
}

/** Asks by a probe's rules until the signal; `tell` hears each change of the verdict, which is `first` at the start. */
export async function keepAsking(
  probe: PodProbe,
  ask: Question,
  first: boolean,
  tell: (good: boolean) => void,
  signal: AbortSignal,
): Promise<void> {
  const period = (probe.periodSeconds ?? DEFAULT_PERIOD_SECONDS) * 1000;
  const needed = { good: probe.successThreshold ?? 1, bad: probe.failureThreshold ?? DEFAULT_FAILURES };
  let verdict = first;
  let others = 0;
  await passed((probe.initialDelaySeconds ?? 0) * 1000, signal);
  while (!signal.aborted) {
    const good = await ask();
    // read anew: it may have been aborted while it was asked
    if (hasAborted(signal)) return;
    others = good === verdict ? 0 : others + 1;
    if (others >= (good ? needed.good : needed.bad)) {
      verdict = good;
      others = 0;
      tell(good);
    }
    await passed(period, signal);
  }
}

function hasAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

async function passed(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal, ref: false }).catch(() => undefined);
}

function portOf(port: string | number, { ports = [] }: PodContainer): number {
  return typeof port === 'number' ? port : (ports.find(({ name }) => name === port)?.containerPort ?? Number(port));
}

function answers(host: string, port: number, path: string, timeout: number): Promise<boolean> {
  return new Promise(resolve => {
    const outgoing = request({ host, port, path, timeout, headers: { 'user-agent': 'kube-probe/local' } }, incoming => {
      incoming.resume();
      // a kubelet takes anything below 400 for a success
      resolve((incoming.statusCode ?? 500) < 400);
    });
    outgoing.once('timeout', () => outgoing.destroy());
    outgoing.once('error', () => {
      resolve(false);
    });
    outgoing.end();
  });
}

function accepts(host: string, port: number, timeout: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ host, port, timeout });
    const settle = (accepted: boolean): void => {
      socket.destroy();
      resolve(accepted);
    };
    socket.once('connect', () => {
      settle(true);
    });
    socket.once('error', () => {
      settle(false);
    });
    socket.once('timeout', () => {
      settle(false);
    });
  });
}
