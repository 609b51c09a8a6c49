// Run by NpmSdkTests.cs with GATEWAY_URL and GATEWAY_KEY: @anthropic-ai/sdk behind an upstream of its own wire and one of OpenAI's.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { image, schema, weather, weatherTool } from './stories.mjs';

const baseURL = process.env.GATEWAY_URL;
const client = new Anthropic({ baseURL, apiKey: process.env.GATEWAY_KEY, maxRetries: 0 });
const messages = [{ role: 'user', content: 'Hello' }];
const textOf = message => message.content.filter(b => b.type === 'text').map(b => b.text).join('');

for (const upstream of ['anthropic', 'chat']) {
  const ask = story => ({ model: `${upstream}-${story}`, max_tokens: 2048, messages });

  test(`${upstream}: plain`, async () => {
    const message = await client.messages.create(ask('plain'));
    assert.equal(textOf(message), 'Hello from the model.');
    assert.equal(message.model, `${upstream}-plain`);
    assert.equal(message.stop_reason, 'end_turn');
    assert.deepEqual([message.usage.input_tokens, message.usage.cache_read_input_tokens, message.usage.output_tokens], [12, 30, 9]);
    assert.ok(message._request_id);
  });

  test(`${upstream}: streamed`, async () => {
    const stream = client.messages.stream(ask('plain'));
    const types = [];
    stream.on('streamEvent', event => types.push(event.type));
    const message = await stream.finalMessage();
    assert.equal(textOf(message), 'Hello from the model.');
    assert.deepEqual(types, ['message_start', 'content_block_start', 'content_block_delta', 'content_block_delta', 'content_block_stop', 'message_delta', 'message_stop']);
    assert.deepEqual([message.usage.input_tokens, message.usage.output_tokens], [12, 9]);
  });

  for (const streamed of [false, true]) {
    test(`${upstream}: tool loop${streamed ? ', streamed' : ''}`, async () => {
      const params = { ...ask('tools'), tools: [weatherTool], thinking: { type: 'enabled', budget_tokens: 1024 } };
      const run = p => (streamed ? client.messages.stream(p).finalMessage() : client.messages.create(p));
      const first = await run(params);
      assert.deepEqual(first.content.map(b => b.type), ['thinking', 'tool_use', 'tool_use']);
      assert.equal(first.stop_reason, 'tool_use');
      const calls = first.content.filter(b => b.type === 'tool_use');
      assert.deepEqual(calls.map(c => c.input.city), ['Oslo', 'Bergen']);
      const results = calls.map(c => ({ type: 'tool_result', tool_use_id: c.id, content: weather(c.input) }));
      const second = await run({
        ...params,
        messages: [...messages, { role: 'assistant', content: first.content }, { role: 'user', content: results }],
      });
      assert.equal(textOf(second), 'Oslo 7, Bergen 9.');
    });
  }

  test(`${upstream}: schema`, async () => {
    const message = await client.messages.parse({ ...ask('json'), output_config: { format: { type: 'json_schema', schema } } });
    assert.deepEqual(JSON.parse(textOf(message)), { city: 'Oslo', degrees: 7 });
  });

  test(`${upstream}: image`, async () => {
    const content = [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: image } }, { type: 'text', text: 'What is it?' }];
    assert.equal(textOf(await client.messages.create({ ...ask('image'), messages: [{ role: 'user', content }] })), 'A red dot.');
  });

  for (const [story, status, kind, type] of [
    ['bad', 400, Anthropic.BadRequestError, 'invalid_request_error'],
    ['missing', 404, Anthropic.NotFoundError, 'not_found_error'],
    ['busy', 429, Anthropic.RateLimitError, 'rate_limit_error'],
    ['overloaded', 529, Anthropic.InternalServerError, 'overloaded_error'],
  ]) {
    test(`${upstream}: error ${status}`, async () => {
      await assert.rejects(client.messages.create(ask(story)), e => {
        assert.ok(e instanceof kind, e.message);
        assert.equal(e.status, status);
        assert.equal(e.error.type, 'error');
        assert.equal(e.error.error.type, type);
        assert.ok(e.requestID);
        if (status === 429) { assert.ok(Number(e.headers.get('retry-after')) > 0); }
        return true;
      });
    });
  }

  test(`${upstream}: error in the stream`, async () => {
    let text = '';
    await assert.rejects(async () => {
      for await (const event of await client.messages.create({ ...ask('breaks'), stream: true })) {
        text += event.delta?.text ?? '';
        assert.notEqual(event.type, 'message_stop');
      }
    }, e => e instanceof Anthropic.APIError && /overloaded_error/.test(e.message));
    assert.ok('Hello from the model.'.startsWith(text) && text.length > 0);
  });
}

test('unknown key', async () => {
  const stranger = new Anthropic({ baseURL, apiKey: 'ml-unknown', maxRetries: 0 });
  await assert.rejects(stranger.messages.create({ model: 'anthropic-plain', max_tokens: 9, messages }), e => {
    assert.ok(e instanceof Anthropic.AuthenticationError);
    assert.equal(e.error.error.type, 'authentication_error');
    return true;
  });
});

test('key as a bearer token', async () => {
  const bearer = new Anthropic({ baseURL, apiKey: null, authToken: process.env.GATEWAY_KEY, maxRetries: 0 });
  assert.equal(textOf(await bearer.messages.create({ model: 'chat-plain', max_tokens: 9, messages })), 'Hello from the model.');
});

test('unknown model', async () => {
  await assert.rejects(client.messages.create({ model: 'nobody', max_tokens: 9, messages }), e => {
    assert.ok(e instanceof Anthropic.NotFoundError);
    assert.equal(e.error.error.type, 'not_found_error');
    return true;
  });
});

test('simulated provider, translated', async () => {
  const message = await client.messages.stream({ model: 'sim-chat', max_tokens: 64, messages }).finalMessage();
  assert.match(textOf(message), /Hello from sim-chat/);
  assert.ok(message.usage.output_tokens > 0);
});
