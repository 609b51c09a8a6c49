// Run by OpenAINpmTests.cs: LangChain's ChatOpenAI, on Responses and on Chat, behind an upstream of either.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HumanMessage, ToolMessage } from '@langchain/core/messages';
import { ChatOpenAI } from '@langchain/openai';
import { citySchema, image, schema, weather } from './stories.mjs';

// Not by `streaming: true`, which has ChatOpenAI count tokens with a table from the Internet.
const gather = async stream => {
  let whole;
  for await (const piece of stream) { whole = whole ? whole.concat(piece) : piece; }
  return whole;
};
const weatherTool = { type: 'function', function: { name: 'weather', description: 'Weather of a city', parameters: citySchema } };

for (const useResponsesApi of [true, false]) {
  for (const upstream of ['responses', 'chat']) {
    const name = `${useResponsesApi ? 'responses' : 'chat'} on ${upstream}`;
    const model = story => new ChatOpenAI({
      model: `${upstream}-${story}`, apiKey: process.env.GATEWAY_KEY, configuration: { baseURL: `${process.env.GATEWAY_URL}/v1` }, maxRetries: 0, useResponsesApi,
    });

    test(`${name}: plain`, async () => {
      const answer = await model('plain').invoke('Hello');
      assert.equal(answer.text, 'Hello from the model.');
      assert.equal(answer.usage_metadata.output_tokens, 9);
    });

    test(`${name}: streamed`, async () => {
      assert.equal((await gather(await model('plain').stream('Hello'))).text, 'Hello from the model.');
    });

    for (const streaming of [false, true]) {
      test(`${name}: tool loop${streaming ? ', streamed' : ''}`, async () => {
        const bound = model('tools').bindTools([weatherTool]);
        const run = async messages => (streaming ? gather(await bound.stream(messages)) : bound.invoke(messages));
        const conversation = [new HumanMessage('Weather?')];
        const first = await run(conversation);
        assert.deepEqual(first.tool_calls.map(c => c.args.city), ['Oslo', 'Bergen']);
        const results = first.tool_calls.map(c => new ToolMessage({ tool_call_id: c.id, content: weather(c.args) }));
        assert.equal((await run([...conversation, first, ...results])).text, 'Oslo 7, Bergen 9.');
      });
    }

    test(`${name}: schema`, async () => {
      const answer = await model('json').withStructuredOutput(schema, { method: 'jsonSchema', name: 'city' }).invoke('Hello');
      assert.deepEqual(answer, { city: 'Oslo', degrees: 7 });
    });

    test(`${name}: image`, async () => {
      const content = [{ type: 'image_url', image_url: { url: `data:image/png;base64,${image}` } }, { type: 'text', text: 'What is it?' }];
      assert.equal((await model('image').invoke([new HumanMessage({ content })])).text, 'A red dot.');
    });

    // The gateway itself tries a busy upstream again for seconds: only where it translates.
    const busy = useResponsesApi === (upstream === 'responses') ? [] : [['busy', 429]];
    for (const [story, status] of [['bad', 400], ['missing', 404], ...busy]) {
      test(`${name}: error ${status}`, async () => {
        await assert.rejects(model(story).invoke('Hello'), e => (e.status ?? e.cause?.status) === status);
      });
    }
  }
}
