import type { Html } from '../html';
import type { TimeScale } from './time-scale';

/** Where a lane is to be drawn. */
export interface Frame {
  readonly scale: TimeScale;
  readonly top: number;
  readonly bottom: number;
  /** Whether the page is a phone's. */
  readonly narrow: boolean;
}

/** One strip of the chart of a model's life; all of them share the time axis. */
export interface Lane {
  readonly title: string;
  /** How to read it, in a few words. */
  readonly hint: string;
  /** Height of the strip itself, without its title. */
  readonly height: number;
  /** Whether it is drawn over the folds of the axis, or folded away with the time. */
  readonly overFolds: boolean;
  draw(frame: Frame): Html;
}

/** Coordinates with one decimal: a tenth of a pixel is enough, and a page half as long. */
export function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** Class that gives a version its colour; after six they begin again. */
export function versionClass(version: string): string {
  const number = Number.parseInt(version, 10);
  return `v${Number.isNaN(number) ? 0 : ((number - 1) % 6) + 1}`;
}
