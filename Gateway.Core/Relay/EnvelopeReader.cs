using System.Text.Json;
using System.Text.Unicode;
using Gateway.Core.Catalog;

namespace Gateway.Core.Relay;

/// <summary>
/// Reads a request body once, strictly: one JSON object in valid UTF-8, no comments, no trailing text, at most 64 levels
/// deep, no name twice in any object that the gateway reads. What it refuses it explains, with the field at fault.
/// </summary>
public static partial class EnvelopeReader
{
    private const int MaxDepth = 64;
    private const int MaxMetadataBytes = 4096;

    // What is longer and has no space may be a picture.
    private const int MediaBytes = 256;

    private static readonly JsonReaderOptions Strict = new() { MaxDepth = MaxDepth };

    /// <summary>The envelope, or the first thing that is wrong with the body.</summary>
    /// <param name="pathModel">The model, where the path and not the body names it.</param>
    /// <param name="pathStream">Whether the answer is to be streamed, where the path and not the body says it.</param>
    public static GatewayError? Read(
        Operation operation, ReadOnlyMemory<byte> body, out RequestEnvelope envelope, string? pathModel = null, bool pathStream = false)
    {
        envelope = new RequestEnvelope { Operation = operation, Body = body, Stream = pathStream };
        if (pathModel is not null)
        {
            envelope.Model = pathModel;
            envelope.ModelJson = JsonText.Encode(pathModel);
        }
        if (body.IsEmpty)
        {
            return Invalid(GatewayErrorKind.InvalidJson, "The request body is empty; a JSON object is expected.", null);
        }
        if (!Utf8.IsValid(body.Span))
        {
            return Invalid(GatewayErrorKind.InvalidJson, "The request body is not valid UTF-8.", null);
        }
        try
        {
            var reader = new Utf8JsonReader(body.Span, Strict);
            return new Pass(envelope).Run(ref reader);
        }
        catch (JsonException e)
        {
            return Invalid(
                GatewayErrorKind.InvalidJson,
                $"The request body is not valid JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}); objects may nest {MaxDepth} levels deep.",
                null);
        }
        catch (InvalidOperationException)
        {
            // The reader's way of saying that an escaped surrogate stands alone in a string that was asked for.
            return Invalid(GatewayErrorKind.InvalidJson, "The request body holds a string with an incomplete \\u escape.", null);
        }
    }

    private static GatewayError Invalid(GatewayErrorKind kind, string message, string? param) => new(kind, message, param);

    /// <summary>The state of one pass; a struct so that reading costs no allocation of its own.</summary>
    private readonly ref partial struct Pass(RequestEnvelope envelope)
    {
        public GatewayError? Run(ref Utf8JsonReader reader)
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                return Invalid(GatewayErrorKind.InvalidRequest, "The request body must be a JSON object.", null);
            }
            envelope.ObjectStart = (int)reader.BytesConsumed;
            var names = new NameSet();
            long previousEnd = reader.BytesConsumed;
            bool anyKept = false;
            bool removedFirst = false;
            int firstStart = 0;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                int nameStart = (int)reader.TokenStartIndex;
                if (removedFirst)
                {
                    // The removal began at the object's first name; it ends where this one begins.
                    envelope.Removals.Add(Slice.Between(firstStart, nameStart));
                    removedFirst = false;
                }
                if (!names.Add(ref reader))
                {
                    string name = reader.GetString()!;
                    return Invalid(GatewayErrorKind.InvalidJson, $"The name \"{Shorten(name)}\" stands twice in the request body.", Shorten(name));
                }
                if (ReadProperty(ref reader, out bool remove) is { } error)
                {
                    return error;
                }
                if (!remove)
                {
                    anyKept = true;
                }
                else if (anyKept)
                {
                    envelope.Removals.Add(Slice.Between(previousEnd, reader.BytesConsumed));
                }
                else
                {
                    firstStart = nameStart;
                    removedFirst = true;
                }
                previousEnd = reader.BytesConsumed;
            }
            // Anything but white space after the object throws here.
            reader.Read();
            return CheckRequired();
        }

        private GatewayError? CheckRequired()
        {
            if (envelope.Model.Length == 0)
            {
                envelope.Model = envelope.Operation.DefaultModel() ?? "";
                envelope.ModelJson = JsonText.Encode(envelope.Model);
            }
            if (envelope.Model.Length == 0)
            {
                return Invalid(GatewayErrorKind.InvalidRequest, "You must provide a model parameter.", "model");
            }
            if (DotSegments.In(envelope.Model))
            {
                return Invalid(GatewayErrorKind.InvalidRequest, "A model's name has no \".\" or \"..\" between slashes.", "model");
            }
            if (envelope.Operation == Operation.Messages && envelope is { Input.Exists: true, Messages: 0, HasThread: false })
            {
                return MessagesPass.Empty;
            }
            return envelope.Input.Exists || !envelope.Operation.RequiresInput() || envelope.Operation.InputName() is not { } input
                ? null
                : Invalid(GatewayErrorKind.InvalidRequest, $"Missing required parameter: '{input}'.", input);
        }

        private GatewayError? ReadProperty(ref Utf8JsonReader reader, out bool remove)
        {
            remove = false;
            bool gemini = envelope.Operation is Operation.GenerateContent;
            if (reader.ValueTextEquals("model"u8) && !envelope.Operation.NamesModelInPath())
            {
                return ReadModel(ref reader);
            }
            if (reader.ValueTextEquals("messages"u8) && envelope.Operation is Operation.ChatCompletions or Operation.Messages or Operation.MessagesCountTokens)
            {
                reader.Read();
                return new MessagesPass(envelope).Run(ref reader);
            }
            if (envelope.Operation.InputName() is { } input and not "messages" && reader.ValueTextEquals(input))
            {
                return ReadInput(ref reader, input);
            }
            if (reader.ValueTextEquals(SystemName(envelope.Operation)) || (gemini && reader.ValueTextEquals("system_instruction"u8)))
            {
                // Google's API takes both names, so both at once are one twice.
                return envelope.SystemContent.Exists
                    ? Invalid(GatewayErrorKind.InvalidJson, "'systemInstruction' stands twice in the request body.", "systemInstruction")
                    : ReadSystem(ref reader);
            }
            if (gemini && (reader.ValueTextEquals("generationConfig"u8) || reader.ValueTextEquals("generation_config"u8)))
            {
                return ReadGenerationConfig(ref reader);
            }
            if (reader.ValueTextEquals("stream"u8) && !gemini)
            {
                return ReadStream(ref reader);
            }
            if (reader.ValueTextEquals("stream_options"u8))
            {
                return ReadStreamOptions(ref reader);
            }
            if (reader.ValueTextEquals("max_tokens"u8) || reader.ValueTextEquals("max_completion_tokens"u8) || reader.ValueTextEquals("max_output_tokens"u8))
            {
                return ReadMaxTokens(ref reader);
            }
            if (reader.ValueTextEquals("n"u8))
            {
                GatewayError? error = ReadChoices(ref reader, "n", out int choices);
                envelope.Choices = choices;
                return error;
            }
            if (envelope.Operation == Operation.Completions && reader.ValueTextEquals("best_of"u8))
            {
                GatewayError? error = ReadChoices(ref reader, "best_of", out int made);
                envelope.BestOf = made;
                return error;
            }
            if (reader.ValueTextEquals("tools"u8))
            {
                reader.Read();
                long start = reader.TokenStartIndex;
                reader.Skip();
                envelope.TextBytes += reader.BytesConsumed - start;
                envelope.HasTools = true;
                return null;
            }
            if (reader.ValueTextEquals("chat_template_kwargs"u8))
            {
                return ReadTemplateOptions(ref reader);
            }
            if (envelope.Operation == Operation.Responses && reader.ValueTextEquals("previous_response_id"u8))
            {
                GatewayError? error = ReadName(ref reader, "previous_response_id", out string? previous);
                envelope.PreviousResponseId = previous;
                return error;
            }
            if (envelope.Operation == Operation.Responses && reader.ValueTextEquals("store"u8))
            {
                reader.Read();
                envelope.StoreRefused = reader.TokenType == JsonTokenType.False;
                reader.Skip();
                return null;
            }
            if (envelope.Operation == Operation.Messages && reader.ValueTextEquals("thread"u8))
            {
                return ReadThread(ref reader);
            }
            return ReadExtension(ref reader, out remove);
        }

        private GatewayError? ReadExtension(ref Utf8JsonReader reader, out bool remove)
        {
            remove = true;
            if (reader.ValueTextEquals("omni_route"u8))
            {
                GatewayError? error = ReadName(ref reader, "omni_route", out string? route);
                envelope.OmniRoute = route;
                return error;
            }
            if (reader.ValueTextEquals("omni_provider"u8))
            {
                GatewayError? error = ReadName(ref reader, "omni_provider", out string? provider);
                envelope.OmniProvider = provider;
                return error;
            }
            if (reader.ValueTextEquals("omni_metadata"u8))
            {
                return ReadMetadata(ref reader);
            }
            if (reader.ValueTextEquals("summary_model"u8))
            {
                return ReadName(ref reader, "summary_model", out _);
            }
            remove = false;
            reader.Read();
            reader.Skip();
            return null;
        }

        private GatewayError? ReadModel(ref Utf8JsonReader reader)
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.String || reader.ValueSpan.IsEmpty)
            {
                return Invalid(GatewayErrorKind.InvalidRequest, "'model' must be a non-empty string.", "model");
            }
            envelope.ModelValue = Slice.Between(reader.TokenStartIndex, reader.BytesConsumed);
            // A name in the path wins; the one in the body gives way all the same.
            if (envelope.Model.Length == 0)
            {
                envelope.ModelJson = envelope.Body.Slice(envelope.ModelValue.Start, envelope.ModelValue.Length);
                envelope.Model = reader.GetString()!;
            }
            return null;
        }

        private GatewayError? ReadInput(ref Utf8JsonReader reader, string name)
        {
            reader.Read();
            long start = reader.TokenStartIndex;
            if (reader.TokenType == JsonTokenType.StartObject && envelope.Operation.IsCapability())
            {
                reader.Skip();
            }
            else if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.StartArray))
            {
                return Invalid(GatewayErrorKind.InvalidRequest, $"'{name}' must be a string or an array.", name);
            }
            long media = 0;
            // An empty text is left to the upstream to judge: OpenAI itself has answered one.
            bool array = reader.TokenType == JsonTokenType.StartArray;
            int items = 0;
            int depth = reader.CurrentDepth;
            while (array && reader.Read() && !(reader.TokenType == JsonTokenType.EndArray && reader.CurrentDepth == depth))
            {
                items += reader.TokenType is JsonTokenType.String or JsonTokenType.Number or JsonTokenType.StartObject ? 1 : 0;
                if (reader.TokenType == JsonTokenType.String && reader.ValueSpan.Length > MediaBytes && IsMedia(reader.ValueSpan))
                {
                    media += reader.ValueSpan.Length;
                    envelope.MediaParts++;
                }
            }
            if (array && items == 0)
            {
                return Invalid(GatewayErrorKind.InvalidRequest, $"'{name}' must not be empty.", name);
            }
            envelope.Input = Slice.Between(start, reader.BytesConsumed);
            envelope.TextBytes += envelope.Input.Length - media;
            envelope.Messages = 1;
            return null;
        }

        // A picture, a sound or a file: addressed as data, or a long run without spaces.
        private static bool IsMedia(ReadOnlySpan<byte> text) => text.StartsWith("data:"u8) || text[..MediaBytes].IndexOfAny(" \\\n"u8) < 0;

        private GatewayError? ReadSystem(ref Utf8JsonReader reader)
        {
            reader.Read();
            long start = reader.TokenStartIndex;
            reader.Skip();
            envelope.SystemContent = Slice.Between(start, reader.BytesConsumed);
            envelope.TextBytes += envelope.SystemContent.Length;
            return null;
        }

        private static GatewayError? ReadName(ref Utf8JsonReader reader, string name, out string? value)
        {
            reader.Read();
            value = null;
            if (reader.TokenType == JsonTokenType.Null)
            {
                return null;
            }
            if (reader.TokenType != JsonTokenType.String || reader.ValueSpan.Length is 0 or > 600)
            {
                return Invalid(GatewayErrorKind.InvalidRequest, $"'{name}' must be a non-empty string.", name);
            }
            value = reader.GetString();
            return null;
        }

        private GatewayError? ReadMetadata(ref Utf8JsonReader reader)
        {
            GatewayError? error = ReadObject(ref reader, "omni_metadata", default, out Slice whole, out _, out _);
            if (error is not null)
            {
                return error;
            }
            if (whole.Length > MaxMetadataBytes)
            {
                return Invalid(GatewayErrorKind.InvalidRequest, $"'omni_metadata' must not be larger than {MaxMetadataBytes} bytes.", "omni_metadata");
            }
            envelope.Metadata = whole;
            return null;
        }

        // Where the wire says what the model is told first, apart from the messages.
        private static ReadOnlySpan<byte> SystemName(Operation operation) => operation switch
        {
            Operation.Messages or Operation.MessagesCountTokens => "system"u8,
            Operation.Responses => "instructions"u8,
            Operation.GenerateContent => "systemInstruction"u8,
            _ => "\0"u8,
        };

        private static string Shorten(string name) => name.Length <= 100 ? name : name[..100];
    }
}
