/** Sort keys in the table of runs; the partition key is the model's name. */
export const runKeys = {
  state: 'STATE',
  runs: 'RUN#',
  run: (runId: string): string => `RUN#${runId}`,
  executions: 'EXECUTION#',
  execution: (name: string): string => `EXECUTION#${name}`,
};
