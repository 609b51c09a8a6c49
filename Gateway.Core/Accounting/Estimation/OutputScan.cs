namespace Gateway.Core.Accounting;

/// <summary>Reads a whole answer for what counts as output: text, reasoning, refusals, the names and arguments of calls.</summary>
internal ref struct OutputScan
{
    private OutputMeasure _measure;
    private bool _text;
    private bool _counting;

    public readonly OutputMeasure Measure => _measure;

    public void Read(ReadOnlySpan<byte> body)
    {
        var strings = new JsonStrings(body);
        while (strings.Read())
        {
            if (strings.IsName)
            {
                ReadName(strings.Content, strings.Depth);
            }
            else if (_counting && _text && !strings.IsNumber)
            {
                _measure.Add(strings.Content);
            }
        }
    }

    private void ReadName(ReadOnlySpan<byte> name, int depth)
    {
        if (depth == 1)
        {
            _counting = name.SequenceEqual("choices"u8);
            return;
        }
        _text = name.SequenceEqual("content"u8) || name.SequenceEqual("text"u8) || name.SequenceEqual("reasoning_content"u8)
            || name.SequenceEqual("reasoning"u8) || name.SequenceEqual("thinking"u8) || name.SequenceEqual("refusal"u8)
            || name.SequenceEqual("name"u8) || name.SequenceEqual("arguments"u8);
        if (_counting && name.SequenceEqual("arguments"u8))
        {
            _measure.AddToolCall();
        }
    }
}
