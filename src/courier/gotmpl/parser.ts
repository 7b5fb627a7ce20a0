// Tokens -> definitions, in the grammar of Go's text/template.
import { nearest } from '../../lib/edit-distance.ts';
import type { Command, Definition, Operand, Pipeline, TemplateNode } from './nodes.ts';
import { TemplateError, type TemplateSource } from './template-error.ts';
import { type Token, type TokenKind, tokenize } from './tokens.ts';
import type { Value } from './value.ts';

/** Templates come from outside: what is nested deeper would end the stack instead of the template. */
const MAX_DEPTH = 100;

const KEYWORDS = new Set('if else end range with define block template break continue'.split(' '));

interface Branch {
  readonly nodes: readonly TemplateNode[];
  readonly endedBy: 'end' | 'else' | 'text';
  /** Of the word that ended it. */
  readonly offset: number;
}

/** The file itself under its own name, and what it defines. Throws TemplateError. */
export function parseTemplate(
  source: TemplateSource,
  functionNames: ReadonlySet<string>,
): readonly Definition[] {
  return new Parser(source, functionNames).parse();
}

class Parser {
  private readonly source: TemplateSource;
  private readonly functionNames: ReadonlySet<string>;
  private readonly tokens: readonly Token[];
  private readonly definitions: Definition[] = [];
  private position = 0;
  private depth = 0;
  private loops = 0;
  private variables: string[] = ['$'];

  constructor(source: TemplateSource, functionNames: ReadonlySet<string>) {
    this.source = source;
    this.functionNames = functionNames;
    this.tokens = tokenize(source);
  }

  parse(): readonly Definition[] {
    const { nodes, endedBy, offset } = this.readBranch(undefined);
    if (endedBy !== 'text') this.fail(`{{ ${endedBy} }} has nothing to belong to`, { offset });
    return [...this.definitions, { name: this.source.name, source: this.source, nodes }];
  }

  /** Nodes up to the end of what `opener` began, or of the file. */
  private readBranch(opener: Token | undefined): Branch {
    const nodes: TemplateNode[] = [];
    for (;;) {
      const token = this.next();
      if (token.kind === 'text') nodes.push({ kind: 'text', text: token.text, offset: token.offset });
      else if (token.kind === 'end') {
        if (opener) this.fail(`{{ ${opener.text} }} has no {{ end }}`, opener);
        return { nodes, endedBy: 'text', offset: token.offset };
      } else {
        const word = this.peek();
        if (word.kind === 'word' && (word.text === 'end' || word.text === 'else')) {
          this.next();
          if (word.text === 'end') this.expect('close', 'an end takes nothing more');
          return { nodes, endedBy: word.text, offset: word.offset };
        }
        nodes.push(...this.readAction());
      }
    }
  }

  private readAction(): readonly TemplateNode[] {
    const token = this.peek();
    if (token.kind !== 'word' || !KEYWORDS.has(token.text)) {
      const pipeline = this.readPipeline(false);
      this.expect('close', 'what follows does not belong here');
      return [{ kind: 'print', pipeline, offset: token.offset }];
    }
    this.next();
    switch (token.text) {
      case 'if':
      case 'with':
      case 'range':
        return [this.readControl(token, token.text)];
      case 'define':
        this.readDefinition(token);
        return [];
      case 'block':
      case 'template':
        return [this.readCall(token)];
      default:
        if (this.loops === 0) this.fail(`{{ ${token.text} }} stands outside of a range`, token);
        this.expect('close', `${token.text} takes nothing more`);
        return [{ kind: token.text === 'break' ? 'break' : 'continue', offset: token.offset }];
    }
  }

  private readControl(token: Token, kind: 'if' | 'with' | 'range'): TemplateNode {
    return this.nested(token, () => {
      const known = this.variables.length;
      const pipeline = this.readPipeline(kind === 'range');
      this.expect('close', 'what follows does not belong here');
      if (kind === 'range') this.loops += 1;
      const { nodes: body, endedBy } = this.readBranch(token);
      if (kind === 'range') this.loops -= 1;
      const otherwise = endedBy === 'else' ? this.readElse(token, kind) : [];
      this.variables.length = known;
      return { kind, pipeline, body, otherwise, offset: token.offset };
    });
  }

  private readElse(opener: Token, kind: 'if' | 'with' | 'range'): readonly TemplateNode[] {
    const token = this.peek();
    if (token.kind === 'word' && token.text === kind && kind !== 'range') {
      this.next();
      // `else if` is an if inside of the else, and shares its end.
      return [this.readControl(token, kind)];
    }
    this.expect('close', 'an else takes nothing more, or the word that it belongs to');
    const { nodes, endedBy, offset } = this.readBranch(opener);
    if (endedBy === 'else') this.fail('there is an {{ else }} already', { offset });
    return nodes;
  }

  private readDefinition(token: Token): void {
    if (this.depth > 0) this.fail('a define stands at the top of a file', token);
    const name = this.expect('string', 'a define names its template in quotes').text;
    this.expect('close', 'a define takes nothing but the name');
    this.definitions.push({ name, source: this.source, nodes: this.readOwnBody(token) });
  }

  /** A body of its own sees none of the variables around it. */
  private readOwnBody(token: Token): readonly TemplateNode[] {
    return this.nested(token, () => {
      const { variables, loops } = this;
      [this.variables, this.loops] = [['$'], 0];
      const { nodes, endedBy, offset } = this.readBranch(token);
      if (endedBy === 'else') this.fail('{{ else }} has nothing to belong to', { offset });
      [this.variables, this.loops] = [variables, loops];
      return nodes;
    });
  }

  private readCall(token: Token): TemplateNode {
    const name = this.expect('string', `a ${token.text} is named in quotes`).text;
    const pipeline = this.peek().kind === 'close' ? undefined : this.readPipeline(false);
    this.expect('close', 'what follows does not belong here');
    if (token.text === 'block') {
      if (!pipeline) this.fail('a block takes the name and a value, such as .', token);
      this.definitions.push({ name, source: this.source, nodes: this.readOwnBody(token) });
    }
    return { kind: 'template', name, pipeline, offset: token.offset };
  }

  private readPipeline(isRange: boolean): Pipeline {
    const { offset } = this.peek();
    return this.nested(this.peek(), () => {
      const { variables, isAssignment } = this.readDeclaration(isRange);
      const commands: Command[] = [this.readCommand()];
      while (this.isSymbol('|')) {
        this.next();
        const command = this.readCommand();
        const [first] = command.operands;
        if (first.kind !== 'function') this.fail('what follows a | is a function', first);
        commands.push(command);
      }
      // Known from here on, not in the value that they get.
      if (!isAssignment) this.variables.push(...variables);
      return { variables, isAssignment, commands, offset };
    });
  }

  private readDeclaration(isRange: boolean): Pick<Pipeline, 'variables' | 'isAssignment'> {
    const start = this.position;
    const variables: Token[] = [];
    while (this.peek().kind === 'variable') {
      variables.push(this.next());
      if (!this.isSymbol(',')) break;
      this.next();
    }
    if (variables.length === 0 || !(this.isSymbol(':=') || this.isSymbol('='))) {
      this.position = start;
      return { variables: [], isAssignment: false };
    }
    const isAssignment = this.next().text === '=';
    if (variables.length > (isRange ? 2 : 1)) this.fail('these are too many variables', variables[0]);
    if (isAssignment) for (const variable of variables) this.checkVariable(variable);
    return { variables: variables.map(({ text }) => text), isAssignment };
  }

  private readCommand(): Command {
    const { offset } = this.peek();
    const first = this.readOperand();
    if (!first) return this.fail('a value is missing here', this.peek());
    const operands: [Operand, ...Operand[]] = [first];
    for (;;) {
      const token = this.peek();
      const operand = this.readOperand();
      if (!operand) break;
      if (!token.isAfterSpace && token.kind !== 'symbol') this.fail('a space is missing here', token);
      operands.push(operand);
    }
    if (operands.length > 1 && first.kind !== 'function') {
      this.fail('only a function takes values; this is none', first);
    }
    return { operands, offset };
  }

  private readOperand(): Operand | undefined {
    const token = this.peek();
    const { offset } = token;
    switch (token.kind) {
      case 'dot':
        this.next();
        return { kind: 'field', names: [], offset };
      case 'field':
        return { kind: 'field', names: [this.next().text, ...this.readFields()], offset };
      case 'variable':
        this.checkVariable(this.next());
        return { kind: 'variable', name: token.text, names: this.readFields(), offset };
      case 'string':
        this.next();
        return { kind: 'constant', value: token.text, offset };
      case 'number':
        this.next();
        return { kind: 'constant', value: this.numberOf(token), offset };
      case 'word':
        this.next();
        return this.wordOperand(token);
      case 'symbol': {
        if (token.text !== '(') return undefined;
        this.next();
        const pipeline = this.readPipeline(false);
        if (!this.isSymbol(')')) this.fail('this ( has no )', token);
        this.next();
        return { kind: 'group', pipeline, names: this.readFields(), offset };
      }
      default:
        return undefined;
    }
  }

  private wordOperand(token: Token): Operand {
    const { text, offset } = token;
    if (Object.hasOwn(WORDS, text)) return { kind: 'constant', value: WORDS[text], offset };
    if (KEYWORDS.has(text)) this.fail(`{{ ${text} }} stands alone`, token);
    if (!this.functionNames.has(text)) {
      const near = nearest(text, [...this.functionNames]);
      this.fail(`there is no function "${text}"${near ? `; did you mean "${near}"?` : ''}`, token);
    }
    return { kind: 'function', name: text, offset };
  }

  private readFields(): readonly string[] {
    const names: string[] = [];
    while (this.peek().kind === 'field' && !this.peek().isAfterSpace) names.push(this.next().text);
    return names;
  }

  private numberOf(token: Token): number {
    const sign = token.text.startsWith('-') ? -1 : 1;
    const digits = token.text.replace(/^[+-]/, '');
    // `017` is octal in Go, as `0o17` is.
    const value = Number(/^0\d+$/.test(digits) ? `0o${digits.slice(1)}` : digits.toLowerCase());
    if (Number.isNaN(value)) this.fail('this is no number', token);
    return sign * value;
  }

  private checkVariable(token: Token): void {
    if (!this.variables.includes(token.text))
      this.fail(`the variable ${token.text} is not known here`, token);
  }

  private nested<T>(token: Token, read: () => T): T {
    this.depth += 1;
    if (this.depth > MAX_DEPTH) this.fail('this is nested too deep', token);
    const result = read();
    this.depth -= 1;
    return result;
  }

  private peek(ahead = 0): Token {
    const token = this.tokens[Math.min(Math.max(this.position + ahead, 0), this.tokens.length - 1)];
    if (!token) throw new Error('a template has at least the token of its end');
    return token;
  }

  private next(): Token {
    const token = this.peek();
    this.position += 1;
    return token;
  }

  private isSymbol(text: string): boolean {
    const token = this.peek();
    return token.kind === 'symbol' && token.text === text;
  }

  private expect(kind: TokenKind, reason: string): Token {
    const token = this.next();
    return token.kind === kind ? token : this.fail(reason, token);
  }

  private fail(reason: string, at: { readonly offset: number } | undefined): never {
    throw new TemplateError(this.source, at?.offset ?? 0, reason);
  }
}

const WORDS: Readonly<Record<string, Value>> = { true: true, false: false, nil: undefined };
