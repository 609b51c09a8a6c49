// Run by GeminiNpmTests.cs, in front of Gemini: the tool loops of clients of three wires (Gemini 3 refuses a call that comes back
// without the signature it gave it), and OpenAI's client for pictures and sound.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import Anthropic from '@anthropic-ai/sdk';
import { ChatAnthropic } from '@langchain/anthropic';
import { HumanMessage, ToolMessage } from '@langchain/core/messages';
import { ChatOpenAI } from '@langchain/openai';
import { generateText, jsonSchema, stepCountIs, streamText, tool } from 'ai';
import OpenAI, { toFile } from 'openai';
import { citySchema, image, weather, weatherTool } from './stories.mjs';

const url = process.env.GATEWAY_URL;
const apiKey = process.env.GATEWAY_KEY;
const model = 'gemini-tools';
const answer = 'Oslo 7, Bergen 9.';
const openai = new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 });
const anthropic = new Anthropic({ baseURL: url, apiKey, maxRetries: 0 });
const chatTool = { type: 'function', function: { name: 'weather', description: 'Weather of a city', parameters: citySchema } };
const responsesTool = { type: 'function', name: 'weather', description: 'Weather of a city', strict: true, parameters: citySchema };

const gather = async stream => {
  let whole;
  for await (const piece of stream) { whole = whole ? whole.concat(piece) : piece; }
  return whole;
};

async function langchain(bound, streamed) {
  const run = async messages => (streamed ? gather(await bound.stream(messages)) : bound.invoke(messages));
  const conversation = [new HumanMessage('Weather?')];
  const first = await run(conversation);
  const results = first.tool_calls.map(c => new ToolMessage({ tool_call_id: c.id, content: weather(c.args) }));
  return (await run([...conversation, first, ...results])).text;
}

async function vercel(of, streamed) {
  const tools = { weather: tool({ description: 'Weather of a city', inputSchema: jsonSchema(citySchema), execute: weather }) };
  const looping = { model: of, prompt: 'Weather?', maxRetries: 0, tools, stopWhen: stepCountIs(3) };
  return streamed ? streamText(looping).text : (await generateText(looping)).text;
}

for (const streamed of [false, true]) {
  const name = streamed ? 'streamed' : 'plain';

  test(`@anthropic-ai/sdk, ${name}`, async () => {
    const messages = [{ role: 'user', content: 'Weather?' }];
    const run = params => (streamed ? anthropic.messages.stream(params).finalMessage() : anthropic.messages.create(params));
    const params = { model, max_tokens: 2048, tools: [weatherTool] };
    const first = await run({ ...params, messages });
    const calls = first.content.filter(b => b.type === 'tool_use');
    assert.equal(first.content.at(-1).type, 'tool_use');
    const results = calls.map(c => ({ type: 'tool_result', tool_use_id: c.id, content: weather(c.input) }));
    const second = await run({ ...params, messages: [...messages, { role: 'assistant', content: first.content }, { role: 'user', content: results }] });
    assert.equal(second.content.find(b => b.type === 'text').text, answer);
  });

  test(`openai's Chat, ${name}`, async () => {
    const messages = [{ role: 'user', content: 'Weather?' }];
    const run = async params => (streamed ? openai.chat.completions.stream(params).finalMessage() : (await openai.chat.completions.create(params)).choices[0].message);
    const first = await run({ model, messages, tools: [chatTool] });
    // What an application keeps that knows nothing but OpenAI's own fields.
    const calls = first.tool_calls.map(({ id, type, function: { name, arguments: json } }) => ({ id, type, function: { name, arguments: json } }));
    const results = calls.map(c => ({ role: 'tool', tool_call_id: c.id, content: weather(JSON.parse(c.function.arguments)) }));
    const second = await run({ model, tools: [chatTool], messages: [...messages, { role: 'assistant', content: null, tool_calls: calls }, ...results] });
    assert.equal(second.content, answer);
  });

  test(`openai's Responses, ${name}`, async () => {
    const input = [{ role: 'user', content: 'Weather?' }];
    const run = async params => (streamed ? openai.responses.stream(params).finalResponse() : openai.responses.create(params));
    const first = await run({ model, input, tools: [responsesTool] });
    // Items without their ids, as clients send them that do not have their answers stored.
    const items = first.output.map(({ id, ...item }) => (item.type === 'reasoning' ? { id, ...item } : item));
    const results = items.filter(i => i.type === 'function_call')
      .map(c => ({ type: 'function_call_output', call_id: c.call_id, output: weather(JSON.parse(c.arguments)) }));
    assert.equal((await run({ model, input: [...input, ...items, ...results], tools: [responsesTool] })).output_text, answer);
  });

  test(`ChatAnthropic, ${name}`, async () => {
    const chat = new ChatAnthropic({ apiKey, anthropicApiUrl: url, maxRetries: 0, maxTokens: 2048, model });
    assert.equal(await langchain(chat.bindTools([weatherTool]), streamed), answer);
  });

  for (const useResponsesApi of [false, true]) {
    test(`ChatOpenAI${useResponsesApi ? ' on Responses' : ''}, ${name}`, async () => {
      const chat = new ChatOpenAI({ model, apiKey, configuration: { baseURL: `${url}/v1` }, maxRetries: 0, useResponsesApi });
      assert.equal(await langchain(chat.bindTools([chatTool]), streamed), answer);
    });
  }

  test(`@ai-sdk/anthropic, ${name}`, async () => assert.equal(await vercel(createAnthropic({ baseURL: `${url}/v1`, apiKey })(model), streamed), answer));
  for (const wire of ['chat', 'responses']) {
    test(`@ai-sdk/openai's ${wire}, ${name}`, async () => assert.equal(await vercel(createOpenAI({ baseURL: `${url}/v1`, apiKey })[wire](model), streamed), answer));
  }
}

test('openai: a picture, streamed as well', async () => {
  const made = await openai.images.generate({ model: 'gemini-plain', prompt: 'A red dot', size: '1024x1024' });
  assert.equal(made.data[0].b64_json, image);
  assert.equal(made.usage.total_tokens, 51);
  const events = [];
  for await (const event of await openai.images.generate({ model: 'gemini-plain', prompt: 'A red dot', stream: true })) { events.push(event); }
  assert.deepEqual(events.map(e => [e.type, e.b64_json]), [['image_generation.completed', image]]);
});

test('openai: a picture changed', async () => {
  const dot = await toFile(Buffer.from(image, 'base64'), 'dot.png', { type: 'image/png' });
  assert.equal((await openai.images.edit({ model: 'gemini-image', image: dot, prompt: 'Make it rounder' })).data[0].b64_json, image);
});

test('openai: speech', async () => {
  const wave = await openai.audio.speech.create({ model: 'gemini-plain', input: 'Hello', voice: 'Kore', response_format: 'wav' });
  assert.equal(wave.headers.get('content-type'), 'audio/wav');
  assert.equal((await wave.arrayBuffer()).byteLength, 52);
});

test('openai: a transcript', async () => {
  const file = await toFile(Buffer.from('sound'), 'a.mp3', { type: 'audio/mpeg' });
  const whole = await openai.audio.transcriptions.create({ model: 'gemini-plain', file });
  assert.equal(whole.text, 'Hello from the model.');
  let text = '';
  for await (const event of await openai.audio.transcriptions.create({ model: 'gemini-plain', file, stream: true })) { text += event.delta ?? ''; }
  assert.equal(text, 'Hello from the model.');
  assert.equal((await openai.audio.translations.create({ model: 'gemini-plain', file })).text, 'Hello from the model.');
});
