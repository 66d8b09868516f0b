// How payloads become values: as Temporal does it by itself, but for those that a workflow is sent and nobody can decode.
import {
  DefaultPayloadConverter,
  type ConverterHint,
  type Payload,
  type SerializationContext,
} from '@temporalio/common';
import { inWorkflowContext, workflowInfo } from '@temporalio/workflow';
import { ALTERED, ALTERED_WORDS, isEncrypted, KeyMissing, metadataOf, missingKeyWords } from '../domain/encryption';
import { Undecodable } from '../domain/undecodable';

const REASON_LIMIT_CHARS = 200;

class LenientPayloadConverter extends DefaultPayloadConverter {
  // Anybody may signal, and a signal is decoded before its handler is asked: to throw would fail the workflow task, for ever.
  override fromPayload<T>(payload: Payload, context?: SerializationContext, hint?: ConverterHint<T>): T {
    if (isEncrypted(payload)) return withoutKey(payload, context) as T;
    try {
      if (metadataOf(payload, 'encoding') === ALTERED) throw new Error(ALTERED_WORDS);
      return super.fromPayload<T>(payload, context, hint);
    } catch (error) {
      if (context?.type !== 'workflow') throw error;
      return new Undecodable((error as Error).message.slice(0, REASON_LIMIT_CHARS)) as T;
    }
  }
}

/** Whoever is sent it decides what that means; a result that cannot be read must not pass for one. */
function withoutKey(payload: Payload, context: SerializationContext | undefined): Undecodable {
  const why = missingKeyWords(payload);
  const isSent =
    inWorkflowContext() && context?.type === 'workflow' && context.workflowId === workflowInfo().workflowId;
  if (!isSent) throw new KeyMissing(why);
  return new Undecodable(why, true);
}

export const payloadConverter = new LenientPayloadConverter();
