// A ladder is climbed one rung at a time, counted from 1, and the last rung is kept.

export const rung = <T>(ladder: readonly T[], climbed: number): T => ladder[Math.min(climbed, ladder.length) - 1]!;
