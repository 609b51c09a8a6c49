// Run by NpmSdkTests.cs with GATEWAY_URL, GATEWAY_KEY and GATEWAY_LIMITED_KEY (one request a minute).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI from 'openai';

const baseURL = `${process.env.GATEWAY_URL}/v1`;
const client = new OpenAI({ baseURL, apiKey: process.env.GATEWAY_KEY, maxRetries: 0 });
const messages = [{ role: 'user', content: 'Hello' }];

for (const model of ['sim-chat', 'stub-large']) {
  test(`plain answer of ${model}`, async () => {
    const answer = await client.chat.completions.create({ model, messages });
    assert.match(answer.choices[0].message.content, new RegExp(`Hello from ${model}`));
    assert.equal(answer.model, model);
    assert.equal(answer.usage.total_tokens, answer.usage.prompt_tokens + answer.usage.completion_tokens);
  });

  test(`streamed answer of ${model}`, async () => {
    const stream = await client.chat.completions.create({ model, messages, stream: true, stream_options: { include_usage: true } });
    let text = '';
    let usage = null;
    let pieces = 0;
    for await (const chunk of stream) {
      assert.equal(chunk.model, model);
      text += chunk.choices[0]?.delta?.content ?? '';
      usage = chunk.usage ?? usage;
      pieces++;
    }
    assert.match(text, new RegExp(`Hello from ${model}`));
    assert.ok(pieces > 3);
    assert.ok(usage.completion_tokens > 0);
  });
}

test('no usage chunk where none was asked for', async () => {
  const stream = await client.chat.completions.create({ model: 'stub-large', messages, stream: true });
  for await (const chunk of stream) { assert.equal(chunk.usage ?? null, null); }
});

test('tool call', async () => {
  const tools = [{ type: 'function', function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } } }];
  const answer = await client.chat.completions.create({ model: 'tools', messages, tools });
  assert.equal(answer.choices[0].message.tool_calls[0].function.name, 'weather');
  assert.deepEqual(JSON.parse(answer.choices[0].message.tool_calls[0].function.arguments), { city: 'Oslo' });
});

test('embedding', async () => {
  const answer = await client.embeddings.create({ model: 'stub-embed', input: 'some text', encoding_format: 'float' });
  assert.deepEqual(answer.data[0].embedding, [0.25, -0.5, 1]);
});

test('list of models', async () => {
  const names = [];
  for await (const model of client.models.list()) { names.push(model.id); }
  assert.ok(names.includes('stub-large') && names.includes('sim-chat'));
});

test('unknown key', async () => {
  const stranger = new OpenAI({ baseURL, apiKey: 'ml-unknown', maxRetries: 0 });
  await assert.rejects(stranger.chat.completions.create({ model: 'sim-chat', messages }), e => {
    assert.ok(e instanceof OpenAI.AuthenticationError);
    assert.equal(e.code, 'invalid_api_key');
    return true;
  });
});

test('unknown model', async () => {
  await assert.rejects(client.chat.completions.create({ model: 'nobody', messages }), e => {
    assert.ok(e instanceof OpenAI.NotFoundError);
    assert.equal(e.code, 'model_not_found');
    assert.equal(e.param, 'model');
    return true;
  });
});

test('over the limit', async () => {
  const limited = new OpenAI({ baseURL, apiKey: process.env.GATEWAY_LIMITED_KEY, maxRetries: 0 });
  await limited.chat.completions.create({ model: 'sim-chat', messages });
  await assert.rejects(limited.chat.completions.create({ model: 'sim-chat', messages }), e => {
    assert.ok(e instanceof OpenAI.RateLimitError);
    assert.ok(Number(e.headers.get('retry-after')) > 0);
    return true;
  });
});

test('abort in the stream', async () => {
  const abort = new AbortController();
  const stream = await client.chat.completions.create({ model: 'endless', messages, stream: true }, { signal: abort.signal });
  let pieces = 0;
  for await (const chunk of stream) {
    assert.ok(chunk);
    if (++pieces === 5) { abort.abort(); }
  }
  assert.ok(pieces >= 5 && pieces < 50);
});
