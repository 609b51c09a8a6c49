// Run by OpenAINpmTests.cs: Vercel's `ai` with @ai-sdk/openai, on Responses and on Chat, behind an upstream of either.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createOpenAI } from '@ai-sdk/openai';
import { APICallError, generateObject, generateText, jsonSchema, stepCountIs, streamText, tool } from 'ai';
import { citySchema, image, schema, weather } from './stories.mjs';

const provider = createOpenAI({ baseURL: `${process.env.GATEWAY_URL}/v1`, apiKey: process.env.GATEWAY_KEY });
const prompt = 'Hello';
const maxRetries = 0;
const tools = { weather: tool({ description: 'Weather of a city', inputSchema: jsonSchema(citySchema), execute: weather }) };

for (const wire of ['responses', 'chat']) {
  for (const upstream of ['responses', 'chat']) {
    const name = `${wire} on ${upstream}`;
    const model = story => provider[wire](`${upstream}-${story}`);

    test(`${name}: plain`, async () => {
      const answer = await generateText({ model: model('plain'), prompt, maxRetries });
      assert.equal(answer.text, 'Hello from the model.');
      assert.equal(answer.finishReason, 'stop');
    });

    test(`${name}: streamed`, async () => {
      const answer = streamText({ model: model('plain'), prompt, maxRetries });
      assert.equal(await answer.text, 'Hello from the model.');
    });

    for (const run of [o => generateText(o), o => streamText(o)]) {
      test(`${name}: tool loop`, async () => {
        const answer = run({ model: model('tools'), prompt, maxRetries, tools, stopWhen: stepCountIs(3) });
        const steps = await (await answer).steps;
        assert.deepEqual(steps[0].toolCalls.map(c => c.input.city), ['Oslo', 'Bergen']);
        assert.equal(steps[1].text, 'Oslo 7, Bergen 9.');
      });
    }

    test(`${name}: schema`, async () => {
      const answer = await generateObject({ model: model('json'), prompt, maxRetries, schema: jsonSchema(schema) });
      assert.deepEqual(answer.object, { city: 'Oslo', degrees: 7 });
    });

    test(`${name}: image`, async () => {
      const content = [{ type: 'image', image, mediaType: 'image/png' }, { type: 'text', text: 'What is it?' }];
      assert.equal((await generateText({ model: model('image'), maxRetries, messages: [{ role: 'user', content }] })).text, 'A red dot.');
    });

    // The gateway itself tries a busy upstream again for seconds: only where it translates.
    const busy = wire === upstream ? [] : [['busy', 429]];
    for (const [story, status] of [['bad', 400], ['missing', 404], ...busy]) {
      test(`${name}: error ${status}`, async () => {
        await assert.rejects(generateText({ model: model(story), prompt, maxRetries }), e => APICallError.isInstance(e) && e.statusCode === status);
      });
    }
  }
}
