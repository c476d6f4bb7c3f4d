import { cpus, release, totalmem } from 'node:os';
import { barText, type JudgedFigure } from './figure.js';

export interface BenchResults {
  readonly startedAt: string;
  readonly seconds: number;
  readonly quick: boolean;
  readonly machine: { readonly cpu: string; readonly cores: number; readonly memoryGb: number; readonly node: string; readonly system: string; readonly loadBefore: readonly number[] };
  readonly figures: readonly JudgedFigure[];
  readonly missed: readonly string[];
  /** Rows that did not come to a figure, with the reason. */
  readonly failed: readonly { readonly row: string; readonly error: string }[];
}

export function machine(loadBefore: readonly number[]): BenchResults['machine'] {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    system: `${process.platform} ${release()}`,
    loadBefore: loadBefore.map((load) => Math.round(load * 100) / 100),
  };
}

/** 0 when every bar is met and every row came to its figures, else 1. */
export function exitCode({ missed, failed }: Pick<BenchResults, 'missed' | 'failed'>): number {
  return missed.length === 0 && failed.length === 0 ? 0 : 1;
}

/** The figures as a table for a terminal. */
export function table(figures: readonly JudgedFigure[]): string {
  const header = ['figure', 'ours', 'bare', 'compared', 'bar', '', 'samples', 'note'];
  const rows = figures.map((figure) => [
    figure.name,
    `${digits(figure.ours)} ${figure.unit}`,
    figure.bare === null ? '-' : `${digits(figure.bare)} ${figure.unit}`,
    comparedText(figure),
    barText(figure.bar, figure.unit),
    figure.met === null ? '' : figure.met ? 'met' : 'MISSED',
    String(figure.samples),
    figure.note,
  ]);
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  return [header, ...rows].map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd()).join('\n');
}

function comparedText({ bar, compared, unit }: JudgedFigure): string {
  if (compared === null) return '-';
  return bar?.kind === 'differenceAtMost' ? `${compared >= 0 ? '+' : ''}${digits(compared)} ${unit}` : `${compared.toFixed(2)}x`;
}

function digits(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(2);
}
