/**
 * Tail of the χ² distribution. A library would do, but the small ones take `1 - cdf`, which is 0 or noise in the far
 * tail that drift lives in, and the exact ones bring two hundred packages.
 */

/** Relative size at which a further term changes nothing. */
const EPSILON = 1e-16;
const MAX_TERMS = 100_000;
/** Stands for a zero denominator in Lentz's algorithm. */
const TINY = 1e-300;

/** Probability that a χ² variable with `degrees` (a positive whole number) is larger than `statistic`. */
export function chiSquareTail(statistic: number, degrees: number): number {
  if (!Number.isInteger(degrees) || degrees < 1) {
    throw new RangeError(`'degrees' is ${degrees}, must be a whole number of at least 1`);
  }
  if (Number.isNaN(statistic) || statistic < 0) {
    throw new RangeError(`'statistic' is ${statistic}, must be at least 0`);
  }
  if (statistic === 0) return 1;
  if (statistic === Infinity) return 0;
  return upperGammaRatio(degrees / 2, statistic / 2);
}

/** Regularised upper incomplete gamma function Q(a, x); `a` is a multiple of one half. */
function upperGammaRatio(a: number, x: number): number {
  // each expansion converges fast on its own side of a + 1
  return x < a + 1 ? 1 - lowerSeries(a, x) : upperFraction(a, x);
}

/** P(a, x) by its power series, https://dlmf.nist.gov/8.7.E1. */
function lowerSeries(a: number, x: number): number {
  let term = 1 / a;
  let sum = term;
  for (let n = 1; n < MAX_TERMS && term > sum * EPSILON; n++) {
    term *= x / (a + n);
    sum += term;
  }
  return sum * leadingFactor(a, x);
}

/** Q(a, x) by the even part of its continued fraction, https://dlmf.nist.gov/8.9.E2, after Lentz. */
function upperFraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = 1 / TINY;
  let d = 1 / b;
  let fraction = d;
  for (let n = 1; n < MAX_TERMS; n++) {
    const numerator = -n * (n - a);
    b += 2;
    d = 1 / nonZero(numerator * d + b);
    c = nonZero(b + numerator / c);
    const change = d * c;
    fraction *= change;
    if (Math.abs(change - 1) < EPSILON * 10) break;
  }
  return fraction * leadingFactor(a, x);
}

function nonZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}

/** x^a e^-x / Γ(a), in logarithms since both parts overflow. */
function leadingFactor(a: number, x: number): number {
  return Math.exp(a * Math.log(x) - x - logGammaOfHalves(a));
}

/** ln Γ(a) where 2a is a whole number: Γ(a + 1) = a Γ(a), from Γ(1) = 1 or Γ(1/2) = √π. */
function logGammaOfHalves(a: number): number {
  let value = Number.isInteger(a) ? 0 : Math.log(Math.PI) / 2;
  for (let factor = Number.isInteger(a) ? 1 : 0.5; factor < a; factor++) {
    value += Math.log(factor);
  }
  return value;
}
