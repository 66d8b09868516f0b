// A call in the words of the chat API, in the dialect that its endpoint understands.
import type {
  ChatCompletionCreateParamsStreaming,
  ChatCompletionMessageParam,
} from 'openai/resources/chat/completions';
import type { Message, ModelCall } from '../../activities/ports';
import type { Trouble } from './trouble';

type Body = ChatCompletionCreateParamsStreaming;

/** What not every endpoint knows. */
export type Dialect = { outputLimit: 'max_completion_tokens' | 'max_tokens'; streamedUsage: boolean };

export const modernDialect: Dialect = { outputLimit: 'max_completion_tokens', streamedUsage: true };

const UNKNOWN_FIELD = /unsupported|not supported|unrecogni[sz]ed|unknown|unexpected|not permitted|forbidden|invalid/i;

/** The dialect to try when the endpoint did not know a word of this one. */
export function plainerDialect(dialect: Dialect, { status, words }: Trouble): Dialect | undefined {
  if ((status !== 400 && status !== 422) || !UNKNOWN_FIELD.test(words)) return undefined;
  if (dialect.streamedUsage && words.includes('stream_options')) return { ...dialect, streamedUsage: false };
  const knowsLimit = dialect.outputLimit === 'max_tokens' || !words.includes('max_completion_tokens');
  return knowsLimit ? undefined : { ...dialect, outputLimit: 'max_tokens' };
}

export function bodyOf(call: ModelCall, dialect: Dialect): Body {
  return {
    model: call.model,
    messages: call.messages.map(messageOf),
    ...(call.tools.length > 0 && { tools: call.tools.map((tool) => ({ type: 'function', function: { ...tool } })) }),
    response_format: {
      type: 'json_schema',
      json_schema: { name: call.schema.name, schema: call.schema.json, strict: true },
    },
    [dialect.outputLimit]: call.limits.outputTokens,
    stream: true,
    ...(dialect.streamedUsage && { stream_options: { include_usage: true } }),
  };
}

/** What the prompt is counted by: messages, tools and schema as they are sent. */
export const promptChars = ({ messages, tools, response_format }: Body): number =>
  JSON.stringify([messages, tools, response_format]).length;

function messageOf(message: Message): ChatCompletionMessageParam {
  switch (message.role) {
    case 'system':
    case 'user':
      return { role: message.role, content: message.content };
    case 'tool':
      return { role: 'tool', tool_call_id: message.callId, content: message.content };
    case 'assistant':
      return assistantMessage(message);
  }
}

function assistantMessage({ content, toolCalls = [] }: Message & { role: 'assistant' }): ChatCompletionMessageParam {
  if (toolCalls.length === 0) return { role: 'assistant', content };
  const tool_calls = toolCalls.map(({ id, name, arguments: args }) => ({
    id,
    type: 'function' as const,
    function: { name, arguments: args },
  }));
  return { role: 'assistant', content: content || null, tool_calls };
}
