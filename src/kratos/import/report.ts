// What an import did, and what it could not do, in the words of operators.
import type { ImportedKind } from '../../flow/store.ts';
import type { LeftBehind } from '../read/left-behind.ts';

/** What became of a thing: kept stands for what was changed on both sides, and stays as it is here. */
export type Fate = 'new' | 'changed' | 'unchanged' | 'removed' | 'kept' | 'failed';
export const FATES: readonly Fate[] = ['new', 'changed', 'unchanged', 'removed', 'kept', 'failed'];

export type Counts = Readonly<Record<Fate, number>>;

/** Something that was not carried over, or not wholly. */
export interface Problem {
  readonly kind: ImportedKind;
  readonly id: string;
  readonly reason: string;
  /** False: the rest of it was carried over. */
  readonly isWhole: boolean;
}

export interface ImportSummary {
  readonly counts: Readonly<Record<ImportedKind, Counts>>;
  /** By reason, with some of the ids. */
  readonly problems: readonly {
    readonly kind: ImportedKind;
    readonly reason: string;
    readonly count: number;
    readonly ids: readonly string[];
  }[];
  readonly leftBehind: readonly LeftBehind[];
  /** True where it was asked to stop before it was through. */
  readonly isStopped: boolean;
}

export interface ImportReport {
  count(kind: ImportedKind, fate: Fate, by?: number): void;
  problem(problem: Problem): void;
  summary(of: Pick<ImportSummary, 'leftBehind' | 'isStopped'>): ImportSummary;
}

/** Ids that the summary names for each reason; all of them go to `onProblem`. */
const NAMED_IDS = 10;
/** Reasons hold no ids, so that there are few; a fault that makes many must not fill memory all the same. */
const MOST_REASONS = 1_000;

export function createImportReport(onProblem: (problem: Problem) => void = () => undefined): ImportReport {
  const counts: Record<ImportedKind, Record<Fate, number>> = {
    identity: zero(),
    session: zero(),
    flow: zero(),
  };
  const problems = new Map<string, { kind: ImportedKind; reason: string; count: number; ids: string[] }>();
  return {
    count: (kind, fate, by = 1) => {
      counts[kind][fate] += by;
    },
    problem: (problem) => {
      onProblem(problem);
      const { kind, id, reason } = problem;
      const key = problems.size < MOST_REASONS ? `${kind} ${reason}` : kind;
      const known = problems.get(key) ?? { kind, reason, count: 0, ids: [] };
      known.count += 1;
      if (known.ids.length < NAMED_IDS) known.ids.push(id);
      problems.set(key, known);
    },
    summary: (of) => ({ counts, problems: [...problems.values()], ...of }),
  };
}

const zero = (): Record<Fate, number> => ({
  new: 0,
  changed: 0,
  unchanged: 0,
  removed: 0,
  kept: 0,
  failed: 0,
});
