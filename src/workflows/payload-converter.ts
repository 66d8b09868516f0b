// How payloads become values: as Temporal does it by itself, but for those that a workflow is sent and nobody can decode.
import {
  DefaultPayloadConverter,
  type ConverterHint,
  type Payload,
  type SerializationContext,
} from '@temporalio/common';
import { Undecodable } from '../domain/undecodable';

const REASON_LIMIT_CHARS = 200;

class LenientPayloadConverter extends DefaultPayloadConverter {
  // Anybody may signal, and a signal is decoded before its handler is asked: to throw would fail the workflow task, for ever.
  override fromPayload<T>(payload: Payload, context?: SerializationContext, hint?: ConverterHint<T>): T {
    try {
      return super.fromPayload<T>(payload, context, hint);
    } catch (error) {
      if (context?.type !== 'workflow') throw error;
      return new Undecodable((error as Error).message.slice(0, REASON_LIMIT_CHARS)) as T;
    }
  }
}

export const payloadConverter = new LenientPayloadConverter();
