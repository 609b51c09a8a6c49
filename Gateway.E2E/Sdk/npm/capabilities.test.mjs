// Run by NpmSdkTests.cs with GATEWAY_URL and GATEWAY_KEY: everything but text.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI, { toFile } from 'openai';

const client = new OpenAI({ baseURL: `${process.env.GATEWAY_URL}/v1`, apiKey: process.env.GATEWAY_KEY, maxRetries: 0 });
const sound = () => toFile(new Uint8Array(200_000), 'a.wav');

test('transcription', async () => {
  const answer = await client.audio.transcriptions.create({ model: 'stub-voice', file: await sound() });
  assert.equal(answer.text, 'stub-voice heard 200000 bytes');
  assert.equal(answer.usage.input_tokens, 17);
});

test('transcription as subtitles', async () => {
  const answer = await client.audio.transcriptions.create({ model: 'stub-voice', file: await sound(), response_format: 'srt' });
  assert.match(answer, /00:00:02,000\nHello world/);
});

test('streamed transcription', async () => {
  let text = '';
  for await (const event of await client.audio.transcriptions.create({ model: 'stub-voice', file: await sound(), stream: true })) {
    text += event.type === 'transcript.text.delta' ? event.delta : '';
  }
  assert.equal(text, 'Hello world');
});

test('speech', async () => {
  const answer = await client.audio.speech.create({ model: 'stub-voice', voice: 'alloy', input: 'Hello' });
  assert.equal(answer.headers.get('content-type'), 'audio/mpeg');
  const bytes = new Uint8Array(await answer.arrayBuffer());
  assert.equal(bytes.length, 8192);
  assert.ok(bytes.every((b, i) => b === i % 256));
});

test('images', async () => {
  const drawn = await client.images.generate({ model: 'stub-image', prompt: 'a cat' });
  assert.equal(drawn.data[0].b64_json, 'iVBORw0KGgo=');
  const edited = await client.images.edit({ model: 'stub-image', image: await toFile(new Uint8Array(10), 'a.png', { type: 'image/png' }), prompt: 'a hat' });
  assert.equal(edited.usage.output_tokens, 2112);
});

test('moderation', async () => {
  const verdict = await client.moderations.create({ model: 'stub-guard', input: '…' });
  assert.equal(verdict.results[0].flagged, true);
  assert.equal(verdict.model, 'stub-guard');
});

test('embeddings, unpacked from base64 by the SDK or not', async () => {
  const plain = await client.embeddings.create({ model: 'stub-embed', input: 'x', encoding_format: 'float' });
  assert.deepEqual(plain.data[0].embedding, [0.25, -0.5, 1]);
  const own = await client.embeddings.create({ model: 'sim-embedding', input: 'x' });
  assert.ok(own.data[0].embedding.length > 2);
});

test('files stay with their provider', async () => {
  const file = await client.files.create({ file: await toFile(Buffer.from('{}\n'), 'a.jsonl'), purpose: 'batch' }, { headers: { 'X-Provider-Priority': 'scripted' } });
  assert.equal((await client.files.retrieve(file.id)).bytes, 3);
  assert.equal(await (await client.files.content(file.id)).text(), '{}\n');
  assert.equal((await client.files.delete(file.id)).deleted, true);
});

test('a file of nobody and a path of nobody raise the typed error', async () => {
  await assert.rejects(client.files.retrieve('file-none', { headers: { 'X-Provider-Priority': 'scripted' } }), (e) => e instanceof OpenAI.NotFoundError && /No such File/.test(e.message));
  await assert.rejects(client.get('/nonsense'), (e) => e instanceof OpenAI.NotFoundError);
});
