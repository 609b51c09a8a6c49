// What the tests of several clients ask for; Hosting/Stories holds the models that answer.
export const image = 'iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4//8/w38GIAXDIBKE0DHxgljNBAAO9TXL0Y4OHwAAAABJRU5ErkJggg==';

export const schema = {
  type: 'object',
  properties: { city: { type: 'string' }, degrees: { type: 'integer' } },
  required: ['city', 'degrees'],
  additionalProperties: false,
};

export const citySchema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false };

/** In Anthropic's words. */
export const weatherTool = { name: 'weather', description: 'Weather of a city', input_schema: citySchema };

export const weather = ({ city }) => (city === 'Oslo' ? '7' : '9');
