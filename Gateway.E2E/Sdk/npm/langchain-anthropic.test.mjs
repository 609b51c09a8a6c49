// Run by NpmSdkTests.cs: LangChain's ChatAnthropic behind an upstream of its own wire and one of OpenAI's.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChatAnthropic } from '@langchain/anthropic';
import { HumanMessage, ToolMessage } from '@langchain/core/messages';
import { image, schema, weather, weatherTool } from './stories.mjs';

const settings = { apiKey: process.env.GATEWAY_KEY, anthropicApiUrl: process.env.GATEWAY_URL, maxRetries: 0, maxTokens: 2048 };

for (const upstream of ['anthropic', 'chat']) {
  const model = (story, more = {}) => new ChatAnthropic({ ...settings, model: `${upstream}-${story}`, ...more });

  test(`${upstream}: plain`, async () => {
    const answer = await model('plain').invoke('Hello');
    assert.equal(answer.text, 'Hello from the model.');
    assert.equal(answer.usage_metadata.output_tokens, 9);
  });

  test(`${upstream}: streamed`, async () => {
    let whole;
    for await (const piece of await model('plain').stream('Hello')) { whole = whole ? whole.concat(piece) : piece; }
    assert.equal(whole.text, 'Hello from the model.');
    // It adds what the beginning says to what the end says, whoever the server is.
    assert.ok([9, 10].includes(whole.usage_metadata.output_tokens));
  });

  for (const streamed of [false, true]) {
    test(`${upstream}: tool loop${streamed ? ', streamed' : ''}`, async () => {
      const bound = model('tools', { thinking: { type: 'enabled', budget_tokens: 1024 }, streaming: streamed }).bindTools([weatherTool]);
      const conversation = [new HumanMessage('Weather?')];
      const first = await bound.invoke(conversation);
      assert.deepEqual(first.tool_calls.map(c => c.args.city), ['Oslo', 'Bergen']);
      const results = first.tool_calls.map(c => new ToolMessage({ tool_call_id: c.id, content: weather(c.args) }));
      const second = await bound.invoke([...conversation, first, ...results]);
      assert.equal(second.text, 'Oslo 7, Bergen 9.');
    });
  }

  test(`${upstream}: schema`, async () => {
    const answer = await model('json').withStructuredOutput(schema, { method: 'jsonSchema' }).invoke('Hello');
    assert.deepEqual(answer, { city: 'Oslo', degrees: 7 });
  });

  test(`${upstream}: image`, async () => {
    const content = [{ type: 'image_url', image_url: { url: `data:image/png;base64,${image}` } }, { type: 'text', text: 'What is it?' }];
    assert.equal((await model('image').invoke([new HumanMessage({ content })])).text, 'A red dot.');
  });

  for (const [story, status] of [['bad', 400], ['missing', 404], ['busy', 429], ['overloaded', 529]]) {
    test(`${upstream}: error ${status}`, async () => {
      await assert.rejects(model(story).invoke('Hello'), e => {
        assert.equal(e.status ?? e.cause?.status, status, e.message);
        return true;
      });
    });
  }
}

test('unknown key', async () => {
  await assert.rejects(new ChatAnthropic({ ...settings, apiKey: 'ml-unknown', model: 'anthropic-plain' }).invoke('Hello'), e => (e.status ?? e.cause?.status) === 401);
});
