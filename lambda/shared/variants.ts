/** The variant that serves. One name for ever: a guarded update wants the same variants on both sides. */
export const SERVING_VARIANT = 'AllTraffic';

/** The variant that keeps the previous version able to serve: its instances run, and no request reaches them. */
export const STANDBY_VARIANT = 'Standby';

/** The variant that gets copies of the requests, and whose answers nobody gets. */
export const SHADOW_VARIANT = 'Shadow';
