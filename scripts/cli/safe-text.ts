// For a terminal: see the domain's own.
export { manyLines, oneLine, safeJson } from '../../src/domain/plain-text';
