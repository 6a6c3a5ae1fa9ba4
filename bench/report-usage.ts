/** Loaded before an app: leaves in the file `BENCH_USAGE` what the process has used when it ends. */
import { writeFileSync } from 'node:fs';

process.on('exit', () => {
  const file = process.env.BENCH_USAGE;
  if (file !== undefined) writeFileSync(file, JSON.stringify(process.resourceUsage()));
});
