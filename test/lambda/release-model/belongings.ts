/** What a version needs to serve, and may lose. */
export const BELONGINGS = ['artifact', 'image', 'baseline'] as const;
export type Belonging = (typeof BELONGINGS)[number];

/** How many features a version takes that is as usual: there may be more, and fewer. */
export const USUAL_FEATURES = 2;
