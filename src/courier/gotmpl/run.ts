// Runs a parsed template: text in the order of its nodes, with every step counted.
import { nearest } from '../../lib/edit-distance.ts';
import type { Command, Definition, Operand, Pipeline, TemplateNode } from './nodes.ts';
import { TemplateError } from './template-error.ts';
import { isList, isMap, isTrue, Struct, sortedEntries, type Value } from './value.ts';

/** Throws FunctionError where it cannot use what it is given. */
export type TemplateFunction = (args: readonly Value[], work: Work) => Value;
export type FunctionTable = Readonly<Record<string, TemplateFunction>>;

/** Said by a function; the place is added where it was called. */
export class FunctionError extends Error {
  /** Whether it fails with any data. */
  readonly isCertain: boolean;

  constructor(reason: string, { isCertain = false }: { readonly isCertain?: boolean } = {}) {
    super(reason);
    this.isCertain = isCertain;
  }
}

/** What a run may still do. Functions that make much out of little ask before. */
export interface Work {
  /** Throws FunctionError where that many steps or characters are more than is left. */
  spend(amount: number): void;
}

/** Where text goes: as it is, or escaped for the place where it stands. */
export interface Output {
  /** Text of the template itself. */
  readonly literal: (text: string) => void;
  /** The result of an action; an Error's message says why it cannot stand there. */
  readonly value: (value: Value) => void;
}

// Templates may come from elsewhere: a thousand times what a mail needs, and done in a fraction of a second (measured).
const MAX_STEPS = 200_000;
/** Making text is counted too: what a run holds in memory stays within some 20 MB. */
export const CHARACTERS_A_STEP = 100;
const MAX_CALL_DEPTH = 50;
/** Blocks, calls and parentheses around each other, in all templates of a run: below what the stack can take. */
const MAX_NESTING = 400;

const TOO_LARGE = 'this value is nested too deep, or too large';

export interface RunOptions {
  readonly definitions: ReadonlyMap<string, Definition>;
  readonly functions: FunctionTable;
  readonly output: Output;
}

/** Executes the definition of that name with `model` as its dot. Throws TemplateError. */
export function runTemplate(name: string, model: Value, options: RunOptions): void {
  const definition = options.definitions.get(name);
  if (!definition) throw new Error(`there is no template ${name}`);
  new Run(options).call(definition, model, 0);
}

interface Variable {
  readonly name: string;
  value: Value;
}

/** One call of a definition. */
interface Frame {
  readonly definition: Definition;
  readonly variables: Variable[];
  readonly depth: number;
}

type Stop = 'break' | 'continue' | undefined;

class Run {
  private readonly options: RunOptions;
  private readonly work: Work;
  private left = MAX_STEPS;
  private nesting = 0;

  constructor(options: RunOptions) {
    this.options = options;
    this.work = {
      spend: (amount) => {
        this.left -= amount;
        if (!(this.left >= 0)) throw new FunctionError('this template does too much: it was stopped');
      },
    };
  }

  call(definition: Definition, dot: Value, depth: number): void {
    this.walk(definition.nodes, dot, { definition, variables: [{ name: '$', value: dot }], depth });
  }

  private walk(nodes: readonly TemplateNode[], dot: Value, frame: Frame): Stop {
    for (const node of nodes) {
      const stop = this.at(node, frame, () => this.node(node, dot, frame));
      if (stop) return stop;
    }
    return undefined;
  }

  private node(node: TemplateNode, dot: Value, frame: Frame): Stop {
    this.work.spend(1);
    switch (node.kind) {
      case 'text':
        this.options.output.literal(node.text);
        return undefined;
      case 'print': {
        const value = this.pipeline(node.pipeline, dot, frame);
        if (node.pipeline.variables.length === 0) this.options.output.value(value);
        return undefined;
      }
      case 'if':
      case 'with':
        return this.scoped(frame, () => {
          const value = this.pipeline(node.pipeline, dot, frame);
          if (!isTrue(value)) return this.walk(node.otherwise, dot, frame);
          return this.walk(node.body, node.kind === 'with' ? value : dot, frame);
        });
      case 'range':
        return this.scoped(frame, () => this.range(node, dot, frame));
      case 'template':
        this.callNamed(node, dot, frame);
        return undefined;
      default:
        return node.kind;
    }
  }

  private range(node: Extract<TemplateNode, { readonly body: unknown }>, dot: Value, frame: Frame): Stop {
    const { variables, isAssignment } = node.pipeline;
    const items = rangeItems(this.pipeline({ ...node.pipeline, variables: [] }, dot, frame));
    if (items.length === 0) return this.walk(node.otherwise, dot, frame);
    for (const [key, item] of items) {
      const stop = this.scoped(frame, () => {
        const values = variables.length === 2 ? [key, item] : [item];
        for (const [index, name] of variables.entries()) this.set(frame, name, values[index], isAssignment);
        return this.walk(node.body, item, frame);
      });
      this.work.spend(1);
      if (stop === 'break') break;
    }
    return undefined;
  }

  private callNamed(
    node: Extract<TemplateNode, { readonly kind: 'template' }>,
    dot: Value,
    frame: Frame,
  ): void {
    const definition = this.options.definitions.get(node.name);
    if (!definition) {
      const near = nearest(node.name, [...this.options.definitions.keys()]);
      throw new FunctionError(
        `there is no template "${node.name}"${near ? `; did you mean "${near}"?` : ''}`,
        { isCertain: true },
      );
    }
    if (frame.depth >= MAX_CALL_DEPTH) throw new FunctionError('templates call each other without end');
    const value = node.pipeline ? this.pipeline(node.pipeline, dot, frame) : undefined;
    this.call(definition, value, frame.depth + 1);
  }

  private pipeline(pipeline: Pipeline, dot: Value, frame: Frame): Value {
    let piped: readonly Value[] = [];
    for (const command of pipeline.commands) piped = [this.command(command, dot, frame, piped)];
    const [value] = piped;
    for (const name of pipeline.variables) this.set(frame, name, value, pipeline.isAssignment);
    return value;
  }

  private command(command: Command, dot: Value, frame: Frame, piped: readonly Value[]): Value {
    const [first, ...rest] = command.operands;
    if (first.kind !== 'function') return this.at(first, frame, () => this.operand(first, dot, frame));
    return this.at(first, frame, () => this.apply(first.name, rest, { dot, frame, piped }));
  }

  private apply(
    name: string,
    operands: readonly Operand[],
    of: { readonly dot: Value; readonly frame: Frame; readonly piped: readonly Value[] },
  ): Value {
    const evaluate = (operand: Operand): Value =>
      this.at(operand, of.frame, () => this.operand(operand, of.dot, of.frame));
    if (name === 'and' || name === 'or') return this.decide(name, operands, of.piped, evaluate);
    const run = this.options.functions[name];
    if (!run) throw new Error(`the parser let the unknown function ${name} pass`);
    const result = run([...operands.map(evaluate), ...of.piped], this.work);
    this.work.spend(1 + sizeOf(result) / CHARACTERS_A_STEP);
    return result;
  }

  /** Stops at the first value that decides: the others may be what cannot be evaluated. */
  private decide(
    name: 'and' | 'or',
    operands: readonly Operand[],
    piped: readonly Value[],
    evaluate: (operand: Operand) => Value,
  ): Value {
    let value: Value;
    for (const next of [
      ...operands.map((operand) => () => evaluate(operand)),
      ...piped.map((v) => () => v),
    ]) {
      value = next();
      if (isTrue(value) === (name === 'or')) return value;
    }
    return value;
  }

  private operand(operand: Operand, dot: Value, frame: Frame): Value {
    this.work.spend(1);
    switch (operand.kind) {
      case 'constant':
        return operand.value;
      case 'field':
        return follow(dot, operand.names);
      case 'variable':
        return follow(this.find(frame, operand.name).value, operand.names);
      case 'group':
        return follow(this.pipeline(operand.pipeline, dot, frame), operand.names);
      default:
        return this.apply(operand.name, [], { dot, frame, piped: [] });
    }
  }

  private set(frame: Frame, name: string, value: Value, isAssignment: boolean): void {
    if (isAssignment) this.find(frame, name).value = value;
    else frame.variables.push({ name, value });
  }

  private find(frame: Frame, name: string): Variable {
    const variable = frame.variables.findLast((one) => one.name === name);
    if (!variable) throw new FunctionError(`the variable ${name} is not known here`);
    return variable;
  }

  /** Variables end with the block in which they were declared. */
  private scoped<T>(frame: Frame, work: () => T): T {
    const known = frame.variables.length;
    const result = work();
    frame.variables.length = known;
    return result;
  }

  private at<T>(place: { readonly offset: number }, frame: Frame, work: () => T): T {
    this.nesting += 1;
    try {
      if (this.nesting > MAX_NESTING) throw new FunctionError('this is nested too deep');
      return work();
    } catch (error) {
      const { source } = frame.definition;
      // The engine's own limits: lists in each other a thousand times over, a text that is too long.
      if (error instanceof RangeError) throw new TemplateError(source, place.offset, TOO_LARGE, false);
      if (!(error instanceof FunctionError)) throw error;
      throw new TemplateError(source, place.offset, error.message, error.isCertain);
    } finally {
      this.nesting -= 1;
    }
  }
}

function rangeItems(value: Value): readonly (readonly [Value, Value])[] {
  if (value === undefined) return [];
  if (isList(value)) return [...value.entries()];
  if (isMap(value)) return sortedEntries(value);
  if (typeof value === 'number' && Number.isInteger(value)) {
    if (value > MAX_STEPS) throw new FunctionError('this range is too long');
    return Array.from({ length: Math.max(value, 0) }, (_, index) => [index, index] as const);
  }
  throw new FunctionError('a range goes over a list or a map');
}

/** A key that is not there gives nil, and so does all that is looked up in it. */
function follow(value: Value, names: readonly string[]): Value {
  return names.reduce<Value>((inner, name) => {
    if (inner === undefined) return undefined;
    if (inner instanceof Struct && !inner.has(name)) throw noField(name, inner);
    if (isMap(inner)) return inner.get(name);
    throw new FunctionError(`there is no field "${name}" in a value of the kind ${describe(inner)}`);
  }, value);
}

function noField(name: string, struct: Struct): FunctionError {
  const near = nearest(name, [...struct.keys()]);
  const meant = near ? `did you mean .${near}?` : `there are .${[...struct.keys()].sort().join(', .')}`;
  return new FunctionError(`there is no field .${name} here; ${meant}`, { isCertain: true });
}

const describe = (value: Value): string => (isList(value) ? 'list' : typeof value);

function sizeOf(value: Value): number {
  if (typeof value === 'string' || isList(value)) return value.length;
  return isMap(value) ? value.size : 1;
}
