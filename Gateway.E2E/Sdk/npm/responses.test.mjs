// Run by OpenAINpmTests.cs: the `responses` of npm openai behind an upstream of its own wire and one of Chat.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI from 'openai';
import { citySchema, image, schema, weather } from './stories.mjs';

const settings = { baseURL: `${process.env.GATEWAY_URL}/v1`, apiKey: process.env.GATEWAY_KEY, maxRetries: 0 };
const client = new OpenAI(settings);
const tools = [{ type: 'function', name: 'weather', description: 'Weather of a city', strict: true, parameters: citySchema }];
const resultsOf = response => response.output.filter(i => i.type === 'function_call')
  .map(c => ({ type: 'function_call_output', call_id: c.call_id, output: weather(JSON.parse(c.arguments)) }));

for (const upstream of ['responses', 'chat']) {
  const ask = (story, more = {}) => ({ model: `${upstream}-${story}`, input: 'Hello', ...more });

  test(`${upstream}: plain`, async () => {
    const response = await client.responses.create(ask('plain'));
    assert.equal(response.output_text, 'Hello from the model.');
    assert.equal(response.model, `${upstream}-plain`);
    assert.equal(response.status, 'completed');
    const { input_tokens, input_tokens_details, output_tokens, output_tokens_details } = response.usage;
    assert.deepEqual([input_tokens, input_tokens_details.cached_tokens, output_tokens, output_tokens_details.reasoning_tokens], [42, 30, 9, 3]);
  });

  test(`${upstream}: streamed`, async () => {
    const stream = client.responses.stream(ask('plain'));
    const types = [];
    for await (const event of stream) {
      assert.equal(event.sequence_number, types.length);
      types.push(event.type);
    }
    assert.equal((await stream.finalResponse()).output_text, 'Hello from the model.');
    assert.deepEqual([types[0], types.at(-1)], ['response.created', 'response.completed']);
  });

  for (const streamed of [false, true]) {
    const run = async params => (streamed ? client.responses.stream(params).finalResponse() : client.responses.create(params));
    const suffix = streamed ? ', streamed' : '';

    test(`${upstream}: tool loop${suffix}`, async () => {
      const input = [{ role: 'user', content: 'Weather?' }];
      const first = await run(ask('tools', { input, tools, reasoning: { effort: 'low', summary: 'auto' } }));
      assert.deepEqual(first.output.map(i => i.type), ['reasoning', 'function_call', 'function_call']);
      assert.equal(first.output[0].summary[0].text, 'I need the weather.');
      const second = await run(ask('tools', { input: [...input, ...first.output, ...resultsOf(first)], tools }));
      assert.equal(second.output_text, 'Oslo 7, Bergen 9.');
    });

    test(`${upstream}: tool loop by previous_response_id${suffix}`, async () => {
      const first = await run(ask('tools', { tools }));
      const second = await run(ask('tools', { tools, previous_response_id: first.id, input: resultsOf(first) }));
      assert.equal(second.output_text, 'Oslo 7, Bergen 9.');
    });
  }

  test(`${upstream}: schema`, async () => {
    const format = { type: 'json_schema', name: 'city', strict: true, schema };
    const response = await client.responses.parse(ask('json', { text: { format } }));
    assert.deepEqual(JSON.parse(response.output_text), { city: 'Oslo', degrees: 7 });
  });

  test(`${upstream}: image`, async () => {
    const content = [{ type: 'input_image', detail: 'auto', image_url: `data:image/png;base64,${image}` }, { type: 'input_text', text: 'What is it?' }];
    assert.equal((await client.responses.create(ask('image', { input: [{ role: 'user', content }] }))).output_text, 'A red dot.');
  });

  for (const [story, status, type] of [['bad', 400, OpenAI.BadRequestError], ['missing', 404, OpenAI.NotFoundError], ['busy', 429, OpenAI.RateLimitError]]) {
    test(`${upstream}: error ${status}`, async () => {
      await assert.rejects(client.responses.create(ask(story)), e => {
        assert.ok(e instanceof type, e.message);
        assert.equal(e.status, status);
        return true;
      });
    });
  }

  test(`${upstream}: error in the stream`, async () => {
    const seen = [];
    await assert.rejects(async () => {
      for await (const event of await client.responses.create(ask('breaks', { stream: true }))) {
        seen.push(event.type);
        if (event.type === 'error') { throw new Error(event.message); }
      }
    }, /Overloaded/);
    assert.ok(!seen.includes('response.completed'));
  });
}

test('kept answers: retrieve, items, delete, cancel', async () => {
  const first = await client.responses.create({ model: 'chat-plain', input: 'One' });
  const second = await client.responses.create({ model: 'chat-plain', input: 'Two', previous_response_id: first.id });
  assert.equal(second.previous_response_id, first.id);
  assert.equal((await client.responses.retrieve(second.id)).output_text, second.output_text);
  const texts = [];
  for await (const item of client.responses.inputItems.list(second.id, { order: 'asc', limit: 1 })) { texts.push(item.content[0].text); }
  assert.deepEqual(texts, ['One', 'Hello from the model.', 'Two']);
  await assert.rejects(client.responses.cancel(first.id), OpenAI.BadRequestError);
  await client.responses.delete(second.id);
  await assert.rejects(client.responses.retrieve(second.id), OpenAI.NotFoundError);
  await assert.rejects(client.responses.create({ model: 'chat-plain', input: 'x', previous_response_id: second.id }), e => e.code === 'previous_response_not_found');
});

test('unknown key', async () => {
  await assert.rejects(new OpenAI({ ...settings, apiKey: 'ml-unknown' }).responses.create({ model: 'chat-plain', input: 'x' }), OpenAI.AuthenticationError);
});
