import ts from 'typescript';
import { isCode, isProductionCode, type Finding, type ProjectFile } from './project-files.js';

export const MAX_FILE_LINES = 400;
export const MAX_FUNCTION_LINES = 70;

/** Files that may be longer, each with the reason. */
const LONG_FILES: Readonly<Record<string, string>> = {};

export function checkFileLength({ path, text }: ProjectFile): readonly Finding[] {
  if (!isCode(path) || Object.hasOwn(LONG_FILES, path)) return [];
  const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
  return lines > MAX_FILE_LINES ? [{ path, rule: `has ${lines} lines, at most ${MAX_FILE_LINES}` }] : [];
}

/** Names in the allow-list of long files that are no longer needed. */
export function needlessExceptions(files: readonly ProjectFile[]): readonly string[] {
  return Object.keys(LONG_FILES).filter((path) => {
    const file = files.find((candidate) => candidate.path === path);
    return file === undefined || file.text.split('\n').length <= MAX_FILE_LINES;
  });
}

export function checkFunctionLength({ path, text }: ProjectFile): readonly Finding[] {
  if (!isProductionCode(path)) return [];
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);
  const findings: Finding[] = [];
  visit(source, (node) => {
    if (!ts.isFunctionLike(node)) return;
    const lineOf = (position: number): number => source.getLineAndCharacterOfPosition(position).line;
    const lines = lineOf(node.getEnd()) - lineOf(node.getStart(source)) + 1;
    const name = node.name?.getText(source) ?? 'a function';
    if (lines > MAX_FUNCTION_LINES) findings.push({ path, rule: `${name} has ${lines} lines, at most ${MAX_FUNCTION_LINES}` });
  });
  return findings;
}

/** Endings of names that stand for money, an amount or a price. */
const MONEY_NAME = /(?:Quote|Base|Pnl|Fee|Fees|Price|Amount|Notional|Balance|_quote|_base|_pnl|_price|_amount)$/;

/** Declarations whose name says money and whose type says `number`: a double cannot hold a price. */
export function checkMoneyTypes({ path, text }: ProjectFile): readonly Finding[] {
  if (!isProductionCode(path)) return [];
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);
  const findings: Finding[] = [];
  visit(source, (node) => {
    if (!isTyped(node) || node.type === undefined || node.name === undefined) return;
    const name = node.name.getText(source);
    if (MONEY_NAME.test(name) && holdsNumber(node.type)) findings.push({ path, rule: `${name} is money and must not be a number` });
  });
  return findings;
}

type Typed = ts.ParameterDeclaration | ts.PropertySignature | ts.PropertyDeclaration | ts.VariableDeclaration | ts.FunctionDeclaration | ts.MethodDeclaration | ts.MethodSignature | ts.GetAccessorDeclaration;

function isTyped(node: ts.Node): node is Typed {
  return (
    ts.isParameter(node) ||
    ts.isPropertySignature(node) ||
    ts.isPropertyDeclaration(node) ||
    ts.isVariableDeclaration(node) ||
    ts.isFunctionDeclaration(node) ||
    ts.isMethodDeclaration(node) ||
    ts.isMethodSignature(node) ||
    ts.isGetAccessorDeclaration(node)
  );
}

/** `number`, or a union, array or promise with it; not what a function type takes or gives. */
function holdsNumber(type: ts.TypeNode): boolean {
  if (type.kind === ts.SyntaxKind.NumberKeyword) return true;
  if (ts.isUnionTypeNode(type)) return type.types.some(holdsNumber);
  if (ts.isArrayTypeNode(type)) return holdsNumber(type.elementType);
  if (ts.isTypeOperatorNode(type) || ts.isParenthesizedTypeNode(type)) return holdsNumber(type.type);
  if (ts.isTypeReferenceNode(type)) return (type.typeArguments ?? []).some(holdsNumber);
  return false;
}

function visit(node: ts.Node, see: (node: ts.Node) => void): void {
  see(node);
  ts.forEachChild(node, (child) => visit(child, see));
}
