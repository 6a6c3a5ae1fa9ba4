/** Whether a version may break the API of a release: before 1.0 with another minor version, then with another major one. */
export function mayBreak(released: string, version: string): boolean {
  const [oldMajor = 0, oldMinor = 0] = numbers(released);
  const [major = 0, minor = 0] = numbers(version);
  return major > oldMajor || (oldMajor === 0 && major === 0 && minor > oldMinor);
}

function numbers(version: string): number[] {
  return version.split('.').map(Number);
}
