// Run by AnthropicNpmTests.cs: the official openai package in front of an upstream of Anthropic's wire.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI from 'openai';
import { citySchema, image, schema, weather } from './stories.mjs';

const client = new OpenAI({ baseURL: `${process.env.GATEWAY_URL}/v1`, apiKey: process.env.GATEWAY_KEY, maxRetries: 0 });
const messages = [{ role: 'user', content: 'Hello' }];
const ask = story => ({ model: `anthropic-${story}`, messages });
const tools = [{ type: 'function', function: { name: 'weather', description: 'Weather of a city', parameters: citySchema } }];

test('plain', async () => {
  const answer = await client.chat.completions.create(ask('plain'));
  assert.equal(answer.choices[0].message.content, 'Hello from the model.');
  assert.equal(answer.choices[0].finish_reason, 'stop');
  assert.deepEqual([answer.usage.prompt_tokens, answer.usage.prompt_tokens_details.cached_tokens, answer.usage.completion_tokens], [42, 30, 9]);
});

test('streamed', async () => {
  const answer = await client.chat.completions.stream({ ...ask('plain'), stream_options: { include_usage: true } }).finalChatCompletion();
  assert.equal(answer.choices[0].message.content, 'Hello from the model.');
  assert.equal(answer.usage.total_tokens, 51);
});

test('tool loop, from the thoughts that were signed', async () => {
  const first = (await client.chat.completions.create({ ...ask('tools'), tools, reasoning_effort: 'low' })).choices[0];
  assert.equal(first.finish_reason, 'tool_calls');
  assert.deepEqual(first.message.tool_calls.map(c => JSON.parse(c.function.arguments).city), ['Oslo', 'Bergen']);
  const results = first.message.tool_calls.map(c => ({ role: 'tool', tool_call_id: c.id, content: weather(JSON.parse(c.function.arguments)) }));
  const second = await client.chat.completions.create({ ...ask('tools'), tools, reasoning_effort: 'low', messages: [...messages, first.message, ...results] });
  assert.equal(second.choices[0].message.content, 'Oslo 7, Bergen 9.');
});

test('tool calls, streamed', async () => {
  const stream = client.chat.completions.stream({ ...ask('tools'), tools });
  const message = await stream.finalMessage();
  assert.deepEqual(message.tool_calls.map(c => `${c.id} ${JSON.parse(c.function.arguments).city}`), ['toolu_1 Oslo', 'toolu_2 Bergen']);
});

test('schema', async () => {
  const answer = await client.chat.completions.parse({ ...ask('json'), response_format: { type: 'json_schema', json_schema: { name: 'weather', schema, strict: true } } });
  assert.deepEqual(JSON.parse(answer.choices[0].message.content), { city: 'Oslo', degrees: 7 });
});

test('image', async () => {
  const content = [{ type: 'image_url', image_url: { url: `data:image/png;base64,${image}` } }, { type: 'text', text: 'What is it?' }];
  const answer = await client.chat.completions.create({ ...ask('image'), messages: [{ role: 'user', content }] });
  assert.equal(answer.choices[0].message.content, 'A red dot.');
});

for (const [story, status, kind] of [['bad', 400, OpenAI.BadRequestError], ['missing', 404, OpenAI.NotFoundError], ['busy', 429, OpenAI.RateLimitError], ['overloaded', 503, OpenAI.InternalServerError]]) {
  test(`error ${status}`, async () => {
    await assert.rejects(client.chat.completions.create(ask(story)), e => e instanceof kind && e.status === status && e.message.length > 10);
  });
}

test('error in the stream', async () => {
  await assert.rejects(async () => {
    for await (const chunk of await client.chat.completions.create({ ...ask('breaks'), stream: true })) { assert.ok(!chunk.choices[0]?.finish_reason); }
  }, e => e instanceof OpenAI.APIError && /Overloaded/.test(e.message));
});
