// The parts of a parsed template.
import type { TemplateSource } from './template-error.ts';
import type { Value } from './value.ts';

export type Operand =
  | { readonly kind: 'constant'; readonly value: Value; readonly offset: number }
  /** `.`, `.A.B` */
  | { readonly kind: 'field'; readonly names: readonly string[]; readonly offset: number }
  /** `$`, `$x.A` */
  | {
      readonly kind: 'variable';
      readonly name: string;
      readonly names: readonly string[];
      readonly offset: number;
    }
  | { readonly kind: 'function'; readonly name: string; readonly offset: number }
  /** `( … ).A` */
  | {
      readonly kind: 'group';
      readonly pipeline: Pipeline;
      readonly names: readonly string[];
      readonly offset: number;
    };

export interface Command {
  readonly operands: readonly [Operand, ...Operand[]];
  readonly offset: number;
}

export interface Pipeline {
  /** Variables that take the result; two of them in a range. */
  readonly variables: readonly string[];
  /** `=` instead of `:=`: the variables are known already. */
  readonly isAssignment: boolean;
  readonly commands: readonly Command[];
  readonly offset: number;
}

export type TemplateNode =
  | { readonly kind: 'text'; readonly text: string; readonly offset: number }
  | { readonly kind: 'print'; readonly pipeline: Pipeline; readonly offset: number }
  | {
      readonly kind: 'if' | 'with' | 'range';
      readonly pipeline: Pipeline;
      readonly body: readonly TemplateNode[];
      readonly otherwise: readonly TemplateNode[];
      readonly offset: number;
    }
  | {
      readonly kind: 'template';
      readonly name: string;
      readonly pipeline: Pipeline | undefined;
      readonly offset: number;
    }
  | { readonly kind: 'break' | 'continue'; readonly offset: number };

/** A file, or a `define` in one. */
export interface Definition {
  readonly name: string;
  readonly source: TemplateSource;
  readonly nodes: readonly TemplateNode[];
}
