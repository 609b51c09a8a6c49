// Run by GeminiNpmTests.cs with GATEWAY_URL and GATEWAY_KEY: @google/genai behind upstreams of its own wire, of Anthropic's and of OpenAI's.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError, GoogleGenAI } from '@google/genai';
import { citySchema, image, schema, weather } from './stories.mjs';

const baseUrl = process.env.GATEWAY_URL;
const clientWith = apiKey => new GoogleGenAI({ apiKey, vertexai: false, httpOptions: { baseUrl } });
const client = clientWith(process.env.GATEWAY_KEY);
const contents = 'Hello';
const declaration = { name: 'weather', description: 'Weather of a city', parametersJsonSchema: citySchema };
const counts = u => [u.promptTokenCount, u.cachedContentTokenCount, u.candidatesTokenCount, u.thoughtsTokenCount, u.totalTokenCount];

for (const upstream of ['gemini', 'anthropic', 'chat']) {
  const model = story => `${upstream}-${story}`;

  test(`${upstream}: plain`, async () => {
    const answer = await client.models.generateContent({ model: model('plain'), contents, config: { systemInstruction: 'Be brief.', temperature: 0.5 } });
    assert.equal(answer.text, 'Hello from the model.');
    assert.equal(answer.modelVersion, model('plain'));
    assert.equal(answer.candidates[0].finishReason, 'STOP');
    assert.deepEqual(counts(answer.usageMetadata), [42, 30, 6, 3, 51]);
    assert.ok(answer.responseId);
  });

  test(`${upstream}: streamed`, async () => {
    let text = '';
    let pieces = 0;
    let last = null;
    for await (const chunk of await client.models.generateContentStream({ model: model('plain'), contents })) {
      text += chunk.text ?? '';
      pieces++;
      last = chunk;
      assert.equal(chunk.modelVersion, model('plain'));
    }
    assert.equal(text, 'Hello from the model.');
    assert.ok(pieces > 2);
    assert.equal(last.candidates[0].finishReason, 'STOP');
    assert.deepEqual(counts(last.usageMetadata), [42, 30, 6, 3, 51]);
  });

  test(`${upstream}: streamed as one array`, async () => {
    const answer = await fetch(`${baseUrl}/v1beta/models/${model('plain')}:streamGenerateContent?key=${process.env.GATEWAY_KEY}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] }),
    });
    assert.match(answer.headers.get('content-type'), /^application\/json/);
    const chunks = await answer.json();
    assert.equal(chunks.flatMap(c => c.candidates ?? []).flatMap(c => c.content?.parts ?? []).map(p => p.text).join(''), 'Hello from the model.');
  });

  const config = { tools: [{ functionDeclarations: [declaration] }], thinkingConfig: { includeThoughts: true, thinkingBudget: 1024 } };

  test(`${upstream}: tool loop`, async () => {
    const question = { role: 'user', parts: [{ text: 'Weather in Oslo and Bergen?' }] };
    const first = await client.models.generateContent({ model: model('tools'), contents: [question], config });
    assert.deepEqual(first.functionCalls.map(c => c.args), [{ city: 'Oslo' }, { city: 'Bergen' }]);
    assert.ok(first.candidates[0].content.parts.some(p => p.thought && p.text === 'I need the weather.'));
    const results = first.functionCalls.map(c => ({ functionResponse: { id: c.id, name: c.name, response: { result: weather(c.args) } } }));
    const second = await client.models.generateContent({
      model: model('tools'),
      contents: [question, first.candidates[0].content, { role: 'user', parts: results }],
      config,
    });
    assert.equal(second.text, 'Oslo 7, Bergen 9.');
  });

  test(`${upstream}: tool loop, streamed, in a chat that keeps its own history`, async () => {
    const chat = client.chats.create({ model: model('tools'), config });
    const calls = [];
    for await (const chunk of await chat.sendMessageStream({ message: 'Weather in Oslo and Bergen?' })) {
      calls.push(...(chunk.functionCalls ?? []));
    }
    assert.deepEqual(calls.map(c => c.args.city), ['Oslo', 'Bergen']);
    const results = calls.map(c => ({ functionResponse: { id: c.id, name: c.name, response: { output: weather(c.args) } } }));
    let text = '';
    for await (const chunk of await chat.sendMessageStream({ message: results })) {
      text += chunk.text ?? '';
    }
    assert.equal(text, 'Oslo 7, Bergen 9.');
  });

  for (const [name, format] of [['JSON schema', { responseJsonSchema: schema }], ["Google's schema", { responseSchema: {
    type: 'OBJECT', properties: { city: { type: 'STRING' }, degrees: { type: 'INTEGER' } }, required: ['city', 'degrees'] } }]]) {
    test(`${upstream}: ${name}`, async () => {
      const answer = await client.models.generateContent({ model: model('json'), contents, config: { responseMimeType: 'application/json', ...format } });
      assert.deepEqual(JSON.parse(answer.text), { city: 'Oslo', degrees: 7 });
    });
  }

  test(`${upstream}: image`, async () => {
    const parts = [{ inlineData: { mimeType: 'image/png', data: image } }, { text: 'What is it?' }];
    assert.equal((await client.models.generateContent({ model: model('image'), contents: [{ role: 'user', parts }] })).text, 'A red dot.');
  });

  for (const [story, status, word] of [['bad', 400, 'INVALID_ARGUMENT'], ['missing', 404, 'NOT_FOUND'], ['busy', 429, 'RESOURCE_EXHAUSTED'], ['overloaded', 503, 'UNAVAILABLE']]) {
    test(`${upstream}: error ${status}`, async () => {
      await assert.rejects(client.models.generateContent({ model: model(story), contents }), e => {
        assert.ok(e instanceof ApiError, e.message);
        assert.equal(e.status, status);
        const { error } = JSON.parse(e.message);
        assert.deepEqual([error.code, error.status], [status, word]);
        if (status === 429) { assert.ok(error.details.some(d => /RetryInfo$/.test(d['@type']) && /^\d+s$/.test(d.retryDelay))); }
        return true;
      });
    });
  }

  test(`${upstream}: error in the stream`, async () => {
    let text = '';
    await assert.rejects(async () => {
      for await (const chunk of await client.models.generateContentStream({ model: model('breaks'), contents })) {
        text += chunk.text ?? '';
        assert.ok(!chunk.candidates?.[0]?.finishReason);
      }
    }, e => e instanceof ApiError && e.status >= 500);
    assert.ok('Hello from the model.'.startsWith(text) && text.length > 0);
  });
}

test('tokens counted and text embedded', async () => {
  assert.equal((await client.models.countTokens({ model: 'gemini-plain', contents })).totalTokens, 31);
  const embedded = await client.models.embedContent({ model: 'gemini-plain', contents, config: { outputDimensionality: 3 } });
  assert.deepEqual(embedded.embeddings[0].values, [0.25, -0.5, 1]);
});

test('models', async () => {
  const names = [];
  for await (const model of await client.models.list()) { names.push(model.name); }
  assert.ok(names.includes('models/gemini-plain'), names.join());
});

test('unknown key', async () => {
  await assert.rejects(clientWith('ml-unknown').models.generateContent({ model: 'gemini-plain', contents }), e => {
    assert.equal(e.status, 401);
    assert.equal(JSON.parse(e.message).error.status, 'UNAUTHENTICATED');
    return true;
  });
});

test('unknown model', async () => {
  await assert.rejects(client.models.generateContent({ model: 'nobody', contents }), e => {
    assert.equal(e.status, 404);
    assert.equal(JSON.parse(e.message).error.status, 'NOT_FOUND');
    return true;
  });
});

test('simulated provider, translated', async () => {
  let text = '';
  for await (const chunk of await client.models.generateContentStream({ model: 'sim-chat', contents })) { text += chunk.text ?? ''; }
  assert.match(text, /Hello from sim-chat/);
});
