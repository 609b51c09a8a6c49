// Run by NpmSdkTests.cs: Vercel's `ai` with @ai-sdk/anthropic behind an upstream of its own wire and one of OpenAI's.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAnthropic } from '@ai-sdk/anthropic';
import { APICallError, generateObject, generateText, jsonSchema, stepCountIs, streamText, tool } from 'ai';
import { citySchema, image, schema, weather } from './stories.mjs';

const provider = createAnthropic({ baseURL: `${process.env.GATEWAY_URL}/v1`, apiKey: process.env.GATEWAY_KEY });
const prompt = 'Hello';
const maxRetries = 0;

for (const upstream of ['anthropic', 'chat']) {
  const model = story => provider(`${upstream}-${story}`);
  const tools = { weather: tool({ description: 'Weather of a city', inputSchema: jsonSchema(citySchema), execute: weather }) };
  const looping = {
    model: model('tools'), prompt, maxRetries, tools, stopWhen: stepCountIs(3),
    providerOptions: { anthropic: { thinking: { type: 'enabled', budgetTokens: 1024 } } },
  };

  test(`${upstream}: plain`, async () => {
    const answer = await generateText({ model: model('plain'), prompt, maxRetries });
    assert.equal(answer.text, 'Hello from the model.');
    assert.equal(answer.finishReason, 'stop');
    assert.deepEqual([answer.usage.inputTokens, answer.usage.cachedInputTokens, answer.usage.outputTokens], [42, 30, 9]);
  });

  test(`${upstream}: streamed`, async () => {
    const answer = streamText({ model: model('plain'), prompt, maxRetries });
    let text = '';
    for await (const piece of answer.textStream) { text += piece; }
    assert.equal(text, 'Hello from the model.');
    assert.equal((await answer.usage).outputTokens, 9);
  });

  test(`${upstream}: tool loop`, async () => {
    const answer = await generateText(looping);
    assert.equal(answer.text, 'Oslo 7, Bergen 9.');
    assert.equal(answer.steps.length, 2);
    assert.equal(answer.steps[0].reasoningText, 'I need the weather.');
    assert.deepEqual(answer.steps[0].toolCalls.map(c => c.input.city), ['Oslo', 'Bergen']);
  });

  test(`${upstream}: tool loop, streamed`, async () => {
    const answer = streamText(looping);
    assert.equal(await answer.text, 'Oslo 7, Bergen 9.');
    assert.equal((await answer.steps).length, 2);
  });

  test(`${upstream}: schema`, async () => {
    const answer = await generateObject({
      model: model('json'), prompt, maxRetries, schema: jsonSchema(schema),
      providerOptions: { anthropic: { structuredOutputMode: 'outputFormat' } },
    });
    assert.deepEqual(answer.object, { city: 'Oslo', degrees: 7 });
  });

  test(`${upstream}: image`, async () => {
    const content = [{ type: 'image', image, mediaType: 'image/png' }, { type: 'text', text: 'What is it?' }];
    const answer = await generateText({ model: model('image'), maxRetries, messages: [{ role: 'user', content }] });
    assert.equal(answer.text, 'A red dot.');
  });

  for (const [story, status, type] of [
    ['bad', 400, 'invalid_request_error'], ['missing', 404, 'not_found_error'], ['busy', 429, 'rate_limit_error'], ['overloaded', 529, 'overloaded_error'],
  ]) {
    test(`${upstream}: error ${status}`, async () => {
      await assert.rejects(generateText({ model: model(story), prompt, maxRetries }), e => {
        assert.ok(APICallError.isInstance(e), e.message);
        assert.equal(e.statusCode, status);
        assert.equal(e.data.error.type, type);
        assert.equal(e.isRetryable, status === 429 || status === 529);
        return true;
      });
    });
  }

  test(`${upstream}: error in the stream`, async () => {
    const errors = [];
    const answer = streamText({ model: model('breaks'), prompt, maxRetries, onError: ({ error }) => errors.push(error) });
    let text = '';
    for await (const piece of answer.textStream) { text += piece; }
    assert.ok(text.length > 0);
    assert.equal(errors.length, 1);
    assert.match(JSON.stringify(errors[0]) + errors[0].message, /Overloaded/);
  });
}

test('unknown key', async () => {
  const stranger = createAnthropic({ baseURL: `${process.env.GATEWAY_URL}/v1`, apiKey: 'ml-unknown' });
  await assert.rejects(generateText({ model: stranger('anthropic-plain'), prompt, maxRetries }), e => e.statusCode === 401);
});
