// A conversation as a page that reads from top to bottom.
import { spelledOut } from '../domain/plain-text';
import type { Conversation } from './conversation';
import type { Message } from './ports';

export function transcript({ messages, usage }: Conversation): string {
  const costs = `${usage.calls} calls, ${usage.inputTokens} tokens in, ${usage.outputTokens} out, $${usage.costUsd.toFixed(4)}, ${Math.round(usage.ms)} ms`;
  return `${costs}\n\n${messages.map(passage).join('\n\n')}\n`;
}

function passage(message: Message): string {
  const calls = message.role === 'assistant' ? (message.toolCalls ?? []) : [];
  const text = spelledOut(
    [message.content, ...calls.map((call) => `→ ${call.name} ${call.arguments}`)].filter(Boolean).join('\n'),
  );
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((ticks) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `## ${message.role}\n\n${fence}\n${text}\n${fence}`;
}
