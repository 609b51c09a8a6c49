using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;

namespace Gateway.Core.Telemetry;

/// <summary>Writes one line after another, field by field. Used by one thread at a time.</summary>
internal abstract class LogLine
{
    /// <summary>The lines since they were cleared.</summary>
    public ArrayBufferWriter<byte> Output { get; } = new(16_384);

    public static LogLine Of(in RequestLogSettings settings) => settings.AsText ? new TextLine() : new JsonLine();

    public void Begin(DateTimeOffset time, LineLevel level, ReadOnlySpan<byte> message) => Begin(
        time.UtcDateTime, level switch { LineLevel.Info => "INFO"u8, LineLevel.Warn => "WARN"u8, LineLevel.Error => "ERROR"u8, _ => default }, message);

    public abstract void Write(ReadOnlySpan<byte> name, string? value);

    public abstract void Write(ReadOnlySpan<byte> name, long value);

    public abstract void Write(ReadOnlySpan<byte> name, bool value);

    public abstract void Write(ReadOnlySpan<byte> name, decimal value);

    /// <summary>Writes a value that is there, and nothing for one that is not.</summary>
    public void WriteOptional(ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
        {
            Write(name, value);
        }
    }

    public abstract void End();

    protected abstract void Begin(DateTime time, ReadOnlySpan<byte> level, ReadOnlySpan<byte> message);

    // By hand: names and nearly all values need no escaping, for which a general writer looks in each of them.
    private sealed class JsonLine : LogLine
    {
        // As \u0000.
        private const int MostBytesOfChar = 6;
        private const int MostBytesOfNumber = 32;

        public override void Write(ReadOnlySpan<byte> name, string? value)
        {
            PutName(name);
            if (value is null)
            {
                Output.Write("null"u8);
                return;
            }
            PutText(value);
        }

        public override void Write(ReadOnlySpan<byte> name, long value)
        {
            PutName(name);
            Put(value);
        }

        public override void Write(ReadOnlySpan<byte> name, bool value)
        {
            PutName(name);
            Output.Write(value ? "true"u8 : "false"u8);
        }

        public override void Write(ReadOnlySpan<byte> name, decimal value)
        {
            PutName(name);
            Put(value);
        }

        public override void End() => Output.Write("}\n"u8);

        protected override void Begin(DateTime time, ReadOnlySpan<byte> level, ReadOnlySpan<byte> message)
        {
            Output.Write("{\"time\":\""u8);
            Put(time, "O");
            Output.Write("\",\"level\":\""u8);
            Output.Write(level);
            Output.Write("\",\"msg\":\""u8);
            Output.Write(message);
            Output.Write("\""u8);
        }

        private void PutName(ReadOnlySpan<byte> name)
        {
            Span<byte> to = Output.GetSpan(name.Length + 4);
            to[0] = (byte)',';
            to[1] = (byte)'"';
            name.CopyTo(to[2..]);
            to[name.Length + 2] = (byte)'"';
            to[name.Length + 3] = (byte)':';
            Output.Advance(name.Length + 4);
        }

        private void PutText(string value)
        {
            Span<byte> to = Output.GetSpan((value.Length * MostBytesOfChar) + 2);
            to[0] = (byte)'"';
            int length = Encoding.UTF8.GetBytes(value, to[1..]);
            if (JavaScriptEncoder.UnsafeRelaxedJsonEscaping.FindFirstCharacterToEncodeUtf8(to.Slice(1, length)) >= 0)
            {
                length = Encoding.UTF8.GetBytes(JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(value), to[1..]);
            }
            to[length + 1] = (byte)'"';
            Output.Advance(length + 2);
        }

        private void Put<T>(T value, ReadOnlySpan<char> format = default) where T : IUtf8SpanFormattable
        {
            value.TryFormat(Output.GetSpan(MostBytesOfNumber), out int length, format, CultureInfo.InvariantCulture);
            Output.Advance(length);
        }
    }

    private sealed class TextLine : LogLine
    {
        public override void Write(ReadOnlySpan<byte> name, string? value)
        {
            PutName(name);
            PutValue(value ?? "null");
        }

        public override void Write(ReadOnlySpan<byte> name, long value)
        {
            PutName(name);
            Put(value.ToString(CultureInfo.InvariantCulture));
        }

        public override void Write(ReadOnlySpan<byte> name, bool value)
        {
            PutName(name);
            Put(value ? "true" : "false");
        }

        public override void Write(ReadOnlySpan<byte> name, decimal value)
        {
            PutName(name);
            Put(value.ToString(CultureInfo.InvariantCulture));
        }

        public override void End() => Put("\n");

        protected override void Begin(DateTime time, ReadOnlySpan<byte> level, ReadOnlySpan<byte> message)
        {
            Put(time.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
            Put(" ");
            Output.Write(level);
            Put(" ");
            Output.Write(message);
        }

        private void PutName(ReadOnlySpan<byte> name)
        {
            Put(" ");
            Output.Write(name);
            Put("=");
        }

        // What could end a value, or a line, stands between quotation marks.
        private void PutValue(string value)
        {
            bool plain = value.Length > 0;
            foreach (char c in value)
            {
                plain &= c is not ('"' or '\\' or '=') && !char.IsControl(c) && !char.IsWhiteSpace(c);
            }
            if (plain)
            {
                Put(value);
                return;
            }
            var quoted = new StringBuilder("\"", value.Length + 8);
            foreach (char c in value)
            {
                _ = c is '"' or '\\' ? quoted.Append('\\').Append(c)
                    : char.IsControl(c) || (char.IsWhiteSpace(c) && c != ' ') ? quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}")
                    : quoted.Append(c);
            }
            Put(quoted.Append('"').ToString());
        }

        private void Put(string text) => Encoding.UTF8.GetBytes(text, Output);
    }
}
