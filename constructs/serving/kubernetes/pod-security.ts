const PROFILE = 'restricted';

/** Labels of a namespace by which its pods must pass the profile, as it is at a version: an upgrade changes it knowingly. */
export function podSecurityLabels(kubernetesVersion: string): Record<string, string> {
  return Object.fromEntries(
    ['enforce', 'audit', 'warn'].flatMap(mode => [
      [`pod-security.kubernetes.io/${mode}`, PROFILE],
      [`pod-security.kubernetes.io/${mode}-version`, `v${kubernetesVersion}`],
    ]),
  );
}
