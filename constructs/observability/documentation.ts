const DOCUMENTATION = 'https://github.com/mlops-blueprint/mlops-blueprint/blob/main/docs';

/** The runbook of this repository. */
export const RUNBOOK_URL = `${DOCUMENTATION}/runbook.md`;

/** What each graph tells, in words. */
export const DASHBOARDS_URL = `${DOCUMENTATION}/dashboards.md`;
