// Every function that templates may call. None of them reads the clock, the environment, the network or chance.
import { DATE_FUNCTIONS } from './functions-date.ts';
import { GO_FUNCTIONS } from './functions-go.ts';
import { LIST_FUNCTIONS } from './functions-list.ts';
import { MAP_FUNCTIONS } from './functions-map.ts';
import { NUMBER_FUNCTIONS } from './functions-number.ts';
import { TEXT_FUNCTIONS } from './functions-text.ts';
import { FunctionError, type FunctionTable } from './run.ts';

/** `and` and `or` stop early, so the run itself does them. */
const decided = () => {
  throw new FunctionError('and and or are part of the language');
};

export const FUNCTIONS: FunctionTable = {
  ...TEXT_FUNCTIONS,
  ...NUMBER_FUNCTIONS,
  ...LIST_FUNCTIONS,
  ...MAP_FUNCTIONS,
  ...DATE_FUNCTIONS,
  ...GO_FUNCTIONS,
  and: decided,
  or: decided,
};

export const FUNCTION_NAMES: ReadonlySet<string> = new Set(Object.keys(FUNCTIONS));
