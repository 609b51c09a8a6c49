using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gateway.Core.Telemetry;

/// <summary>Writes one line after another, field by field. Used by one thread at a time.</summary>
internal abstract class LogLine : IDisposable
{
    private static readonly string[] Levels = ["INFO", "WARN", "ERROR", ""];

    /// <summary>The lines since they were cleared.</summary>
    public ArrayBufferWriter<byte> Output { get; } = new(16_384);

    public static LogLine Of(in RequestLogSettings settings) => settings.AsText ? new TextLine() : new JsonLine();

    public void Begin(DateTimeOffset time, LineLevel level, string message) => Begin(time.UtcDateTime, Levels[(int)level], message);

    public abstract void Write(string name, string? value);

    public abstract void Write(string name, long value);

    public abstract void Write(string name, bool value);

    public abstract void Write(string name, decimal value);

    /// <summary>Writes a value that is there, and nothing for one that is not.</summary>
    public void WriteOptional(string name, string? value)
    {
        if (value is not null)
        {
            Write(name, value);
        }
    }

    public abstract void End();

    public abstract void Dispose();

    protected abstract void Begin(DateTime time, string level, string message);

    private sealed class JsonLine : LogLine
    {
        private readonly Utf8JsonWriter _json;

        public JsonLine() => _json = new Utf8JsonWriter(Output, new JsonWriterOptions { SkipValidation = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

        public override void Write(string name, string? value) => _json.WriteString(name, value);

        public override void Write(string name, long value) => _json.WriteNumber(name, value);

        public override void Write(string name, bool value) => _json.WriteBoolean(name, value);

        public override void Write(string name, decimal value) => _json.WriteNumber(name, value);

        public override void End()
        {
            _json.WriteEndObject();
            _json.Flush();
            Output.Write("\n"u8);
        }

        public override void Dispose() => _json.Dispose();

        protected override void Begin(DateTime time, string level, string message)
        {
            _json.Reset(Output);
            _json.WriteStartObject();
            _json.WriteString("time"u8, time);
            _json.WriteString("level"u8, level);
            _json.WriteString("msg"u8, message);
        }
    }

    private sealed class TextLine : LogLine
    {
        public override void Write(string name, string? value)
        {
            PutName(name);
            PutValue(value ?? "null");
        }

        public override void Write(string name, long value)
        {
            PutName(name);
            Put(value.ToString(CultureInfo.InvariantCulture));
        }

        public override void Write(string name, bool value)
        {
            PutName(name);
            Put(value ? "true" : "false");
        }

        public override void Write(string name, decimal value)
        {
            PutName(name);
            Put(value.ToString(CultureInfo.InvariantCulture));
        }

        public override void End() => Put("\n");

        public override void Dispose()
        {
            // There is nothing but the buffer.
        }

        protected override void Begin(DateTime time, string level, string message)
        {
            Put(time.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
            Put(" ");
            Put(level);
            Put(" ");
            Put(message);
        }

        private void PutName(string name)
        {
            Put(" ");
            Put(name);
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
