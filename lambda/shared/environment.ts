/**
 * Environment variables by name, read once while the function loads: a variable that is missing or empty fails there,
 * by its name, and not in the middle of somebody's release.
 */
export function requiredEnvironment<K extends string>(...names: K[]): Record<K, string> {
  const missing = names.filter(name => (process.env[name] ?? '') === '');
  if (missing.length > 0) {
    throw new Error(
      `environment variable ${missing.map(name => `'${name}'`).join(', ')} must be set on this function, got nothing`,
    );
  }
  return Object.fromEntries(names.map(name => [name, process.env[name]])) as Record<K, string>;
}
