// How many usable factors credentials give their person.

export interface FactorCount {
  readonly first: number;
  readonly second: number;
}

/** The factors of all credentials but one, before and after a change. */
export interface OtherFactors {
  readonly before: FactorCount;
  readonly after: FactorCount;
}
