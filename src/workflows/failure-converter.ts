// Where payloads are encrypted, a failure's message and stack trace go into one: they may quote a request, a file or a model.
import {
  DefaultFailureConverter,
  type PayloadConverter,
  type ProtoFailure,
  type SerializationContext,
} from '@temporalio/common';
import { KEY_MISSING } from '../domain/encryption';

const plain = new DefaultFailureConverter();

class ReticentFailureConverter extends DefaultFailureConverter {
  // Which key is missing must be read by those who have none; it says nothing else. By name: it may come from another realm.
  override errorToFailure(error: unknown, converter: PayloadConverter, context?: SerializationContext): ProtoFailure {
    const lacksKey = (error as { name?: unknown } | undefined)?.name === KEY_MISSING;
    return lacksKey ? plain.errorToFailure(error, converter, context) : super.errorToFailure(error, converter, context);
  }
}

export const failureConverter = new ReticentFailureConverter({ encodeCommonAttributes: true });
