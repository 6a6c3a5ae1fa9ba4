/** Pods' addresses, of which the cluster is told, begin so. It takes none of the loopback interface. */
const NETWORK = '10.213';
/** Where what listens at such an address really does: Linux answers on all of 127/8. */
const LOOPBACK = '127.213';
const LAST = 254;

/**
 * Addresses of pods: 10.213.x.y in the cluster, 127.213.x.y on this machine. Each pod has its own, so that all of them can
 * listen on the same port. `pod-network.cjs` maps the one to the other in functions.
 */
export class Addresses {
  private next = 0;
  private readonly taken = new Set<string>();

  /** One that no pod has. */
  public take(): string {
    for (;;) {
      const [high, low] = [Math.floor(this.next / LAST) % LAST, this.next % LAST];
      this.next++;
      const address = `${NETWORK}.${high}.${low + 1}`;
      if (!this.taken.has(address)) {
        this.taken.add(address);
        return address;
      }
    }
  }

  /** Its pod is gone. */
  public release(address: string): void {
    this.taken.delete(address);
  }
}

/** Where an address of a pod is on this machine; any other address stays. */
export function onThisMachine(address: string): string {
  return address.startsWith(`${NETWORK}.`) ? `${LOOPBACK}${address.slice(NETWORK.length)}` : address;
}
