// A refusal that the caller is told about: thrown anywhere, answered by the server.

export class HttpError extends Error {
  constructor(status, code, message, { fields, headers } = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.fields = fields;
    this.headers = headers;
  }

  toAnswer() {
    const { status, headers, code, message, fields } = this;
    return { status, headers, body: { error: { code, message, fields } } };
  }
}
