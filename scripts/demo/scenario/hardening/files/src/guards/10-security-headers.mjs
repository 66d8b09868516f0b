// Headers for every answer, refusals included: this guard comes first, and never refuses.

const headers = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000',
  'x-content-type-options': 'nosniff',
};

export default () =>
  function securityHeaders(_request, response) {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  };
