// The syntax tree: plain frozen records, each with its place in the text. Says what was written, nothing of what it does.
import type { Extent } from './source-text.ts';
import type { VariableName } from './token.ts';

interface Placed {
  readonly extent: Extent;
}

export type CaseRule = 'ignore' | 'exact';

// Expressions

export interface NumberNode extends Placed {
  readonly kind: 'Number';
  readonly value: number;
  readonly text: string;
}
export interface TextNode extends Placed {
  readonly kind: 'Text';
  readonly value: string;
  /** A bare word on a command line. */
  readonly bare: boolean;
}
export interface ExpandableNode extends Placed {
  readonly kind: 'Expandable';
  readonly parts: readonly (string | VariableNode | SubExpressionNode)[];
}
export interface VariableNode extends Placed {
  readonly kind: 'Variable';
  readonly variable: VariableName;
}
export interface SplatNode extends Placed {
  readonly kind: 'Splat';
  readonly variable: VariableName;
}
/** `a, b` */
export interface ListNode extends Placed {
  readonly kind: 'List';
  readonly items: readonly Expression[];
}
/** `@( … )` */
export interface ArrayNode extends Placed {
  readonly kind: 'Array';
  readonly statements: readonly Statement[];
}
/** `$( … )` */
export interface SubExpressionNode extends Placed {
  readonly kind: 'SubExpression';
  readonly statements: readonly Statement[];
}
/** `( … )` */
export interface ParenNode extends Placed {
  readonly kind: 'Paren';
  readonly statement: Statement;
}
export interface HashtableNode extends Placed {
  readonly kind: 'Hashtable';
  readonly entries: readonly { readonly key: Expression; readonly value: Statement }[];
}
export interface ScriptBlockLiteralNode extends Placed {
  readonly kind: 'ScriptBlockLiteral';
  readonly body: ScriptBlockNode;
}
/** `[type]` as a value. */
export interface TypeNode extends Placed {
  readonly kind: 'Type';
  readonly name: string;
}
export interface CastNode extends Placed {
  readonly kind: 'Cast';
  readonly type: string;
  readonly operand: Expression;
}
export interface UnaryNode extends Placed {
  readonly kind: 'Unary';
  readonly operator: 'not' | 'bnot' | 'minus' | 'plus' | 'split' | 'join' | 'list';
  readonly caseRule: CaseRule;
  readonly operand: Expression;
}
/** `++$x`, `$x--` */
export interface StepNode extends Placed {
  readonly kind: 'Step';
  readonly by: 1 | -1;
  readonly prefix: boolean;
  readonly operand: Expression;
}
export interface BinaryNode extends Placed {
  readonly kind: 'Binary';
  /** Without dash and case letter: `eq`, `like`, `+`, `..`, `f`, `and`, `??` */
  readonly operator: string;
  readonly caseRule: CaseRule;
  readonly left: Expression;
  readonly right: Expression;
  readonly operatorExtent: Extent;
}
export interface TernaryNode extends Placed {
  readonly kind: 'Ternary';
  readonly condition: Expression;
  readonly whenTrue: Expression;
  readonly whenFalse: Expression;
}
export interface MemberNode extends Placed {
  readonly kind: 'Member';
  readonly target: Expression;
  readonly name: Expression;
  readonly isStatic: boolean;
  readonly nullConditional: boolean;
}
export interface CallNode extends Placed {
  readonly kind: 'Call';
  readonly target: Expression;
  readonly name: Expression;
  readonly isStatic: boolean;
  readonly nullConditional: boolean;
  readonly arguments: readonly Expression[];
}
export interface IndexNode extends Placed {
  readonly kind: 'Index';
  readonly target: Expression;
  readonly index: Expression;
  readonly nullConditional: boolean;
}

export type Expression =
  | NumberNode
  | TextNode
  | ExpandableNode
  | VariableNode
  | SplatNode
  | ListNode
  | ArrayNode
  | SubExpressionNode
  | ParenNode
  | HashtableNode
  | ScriptBlockLiteralNode
  | TypeNode
  | CastNode
  | UnaryNode
  | StepNode
  | BinaryNode
  | TernaryNode
  | MemberNode
  | CallNode
  | IndexNode;

// Pipelines

export interface ParameterElement extends Placed {
  readonly kind: 'ParameterElement';
  readonly name: string;
  /** The value written right behind a colon. */
  readonly argument: Expression | null;
}
export interface ArgumentElement extends Placed {
  readonly kind: 'ArgumentElement';
  readonly value: Expression;
}
export type CommandElement = ParameterElement | ArgumentElement;

export interface Redirection extends Placed {
  /** `1` to `6` or `*`. */
  readonly from: string;
  readonly to: 'output' | { readonly file: Expression; readonly append: boolean };
}
export interface CommandNode extends Placed {
  readonly kind: 'Command';
  readonly invocation: 'plain' | 'call' | 'dot';
  readonly name: Expression;
  readonly elements: readonly CommandElement[];
  readonly redirections: readonly Redirection[];
}
export interface CommandExpressionNode extends Placed {
  readonly kind: 'CommandExpression';
  readonly expression: Expression;
  readonly redirections: readonly Redirection[];
}
export type PipelineElement = CommandNode | CommandExpressionNode;

// Statements

export interface PipelineNode extends Placed {
  readonly kind: 'Pipeline';
  readonly elements: readonly PipelineElement[];
}
/** `a && b`, `a || b` */
export interface ChainNode extends Placed {
  readonly kind: 'Chain';
  readonly operator: '&&' | '||';
  readonly left: Statement;
  readonly right: Statement;
}
export interface AssignmentNode extends Placed {
  readonly kind: 'Assignment';
  readonly target: Expression;
  readonly operator: '=' | '+=' | '-=' | '*=' | '/=' | '%=' | '??=';
  readonly value: Statement;
}
export interface IfNode extends Placed {
  readonly kind: 'If';
  readonly clauses: readonly { readonly condition: Statement; readonly body: readonly Statement[] }[];
  readonly otherwise: readonly Statement[] | null;
}
export interface ForEachNode extends Placed {
  readonly kind: 'ForEach';
  readonly label: string | null;
  readonly variable: VariableName;
  readonly list: Statement;
  readonly body: readonly Statement[];
}
export interface ForNode extends Placed {
  readonly kind: 'For';
  readonly label: string | null;
  readonly initial: Statement | null;
  readonly condition: Statement | null;
  readonly step: Statement | null;
  readonly body: readonly Statement[];
}
export interface WhileNode extends Placed {
  readonly kind: 'While';
  readonly label: string | null;
  readonly condition: Statement;
  readonly body: readonly Statement[];
}
export interface DoNode extends Placed {
  readonly kind: 'Do';
  readonly label: string | null;
  readonly until: boolean;
  readonly condition: Statement;
  readonly body: readonly Statement[];
}
export interface SwitchNode extends Placed {
  readonly kind: 'Switch';
  readonly label: string | null;
  readonly mode: 'exact' | 'wildcard' | 'regex';
  readonly caseRule: CaseRule;
  readonly subject: Statement;
  readonly clauses: readonly { readonly pattern: Expression; readonly body: readonly Statement[] }[];
  readonly otherwise: readonly Statement[] | null;
}
export interface TryNode extends Placed {
  readonly kind: 'Try';
  readonly body: readonly Statement[];
  readonly catches: readonly { readonly types: readonly string[]; readonly body: readonly Statement[] }[];
  readonly final: readonly Statement[] | null;
}
export interface LeaveNode extends Placed {
  readonly kind: 'Return' | 'Throw' | 'Exit';
  readonly value: Statement | null;
}
export interface JumpNode extends Placed {
  readonly kind: 'Break' | 'Continue';
  readonly label: Expression | null;
}
export interface FunctionNode extends Placed {
  readonly kind: 'Function';
  readonly name: string;
  readonly body: ScriptBlockNode;
}

export type Statement =
  | PipelineNode
  | ChainNode
  | AssignmentNode
  | IfNode
  | ForEachNode
  | ForNode
  | WhileNode
  | DoNode
  | SwitchNode
  | TryNode
  | LeaveNode
  | JumpNode
  | FunctionNode;

// Script blocks

export interface AttributeNode extends Placed {
  readonly name: string;
  readonly positional: readonly Expression[];
  readonly named: readonly { readonly name: string; readonly value: Expression | null }[];
}
export interface ParameterNode extends Placed {
  readonly name: string;
  /** `string[]`; null where none is declared. */
  readonly type: string | null;
  readonly attributes: readonly AttributeNode[];
  readonly defaultValue: Expression | null;
}
export interface ScriptBlockNode extends Placed {
  readonly kind: 'ScriptBlock';
  /** Of the block itself: `[CmdletBinding()]`. */
  readonly attributes: readonly AttributeNode[];
  /** null: no param() and no list behind the name. */
  readonly parameters: readonly ParameterNode[] | null;
  readonly begin: readonly Statement[] | null;
  readonly process: readonly Statement[] | null;
  readonly end: readonly Statement[];
}

/** Freezes a new node, the lists in it included. */
export function freeze<const T extends Placed>(node: T): T {
  for (const value of Object.values(node)) if (Array.isArray(value)) Object.freeze(value);
  return Object.freeze(node);
}
