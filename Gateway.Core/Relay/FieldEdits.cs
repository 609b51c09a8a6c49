using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Catalog.Quirks;

namespace Gateway.Core.Relay;

/// <summary>
/// The edits by which a request's top fields become those that an upstream takes. A second look at the body, which only
/// providers with rules pay for.
/// </summary>
internal sealed class FieldEdits
{
    private static readonly FieldRule[] NewLimit = [new("max_tokens", FieldAction.Rename, "max_completion_tokens")];

    private FieldEdits(List<Slice> removals, List<Edit> renames)
    {
        Removals = removals;
        Renames = renames;
    }

    /// <summary>Whole properties to leave out, commas included, in order; those that were to be left out anyway are among them.</summary>
    public IReadOnlyList<Slice> Removals { get; }
    public IReadOnlyList<Edit> Renames { get; }

    /// <summary>The rules for requests of this operation; null for none.</summary>
    public static IReadOnlyList<FieldRule>? RulesOf(Operation operation, Profile? profile) =>
        operation == Operation.ChatCompletions && profile is { Rules.Count: > 0 } ? profile.Rules : null;

    /// <summary>What a field that the gateway puts in is to be called, as JSON; null where the upstream takes none such.</summary>
    public static byte[]? NameOf(byte[] nameJson, IReadOnlyList<FieldRule> rules)
    {
        foreach (FieldRule rule in rules)
        {
            if (nameJson.AsSpan(1, nameJson.Length - 2).SequenceEqual(rule.NameUtf8))
            {
                return rule.Action switch
                {
                    FieldAction.Rename => rule.ToJson,
                    FieldAction.Remove => null,
                    _ => nameJson,
                };
            }
        }
        return nameJson;
    }

    /// <summary>A translated body, which is ready but for the upstream's manners.</summary>
    public static SplicedBody Apply(ReadOnlyMemory<byte> body, Operation operation, Provider provider)
    {
        // OpenAI's reasoning models take the new name only, and its others both; every compatible server knows the old one.
        bool newName = operation == Operation.ChatCompletions && provider.Kind is ProviderKind.OpenAI or ProviderKind.AzureOpenAI;
        if ((newName ? NewLimit : RulesOf(operation, provider.Profile)) is not { } rules)
        {
            return new SplicedBody(body, [], 0);
        }
        FieldEdits fields = Of(body.Span, rules, []);
        Edit[] edits = [.. fields.Removals.Select(r => new Edit(r, default)).Concat(fields.Renames).OrderBy(e => e.At.Start)];
        return new SplicedBody(body, edits, edits.Length);
    }

    /// <param name="body">One JSON object, checked.</param>
    /// <param name="before">Ranges that are left out already.</param>
    public static FieldEdits Of(ReadOnlySpan<byte> body, IReadOnlyList<FieldRule> rules, IReadOnlyList<Slice> before)
    {
        List<Member> members = Read(body, rules, before, out HashSet<FieldRule> taken);
        var removals = new List<Slice>();
        var renames = new List<Edit>();
        int previousEnd = -1;
        int pending = -1;
        bool anyKept = false;
        foreach (Member member in members)
        {
            if (pending >= 0)
            {
                // What was removed at the front goes up to the next name, its comma included.
                removals.Add(Slice.Between(pending, member.Name.Start));
                pending = -1;
            }
            if (!member.Remove && (member.Rule is null || !taken.Contains(member.Rule)))
            {
                anyKept = true;
                if (member.Rule is { Action: FieldAction.Rename } rule)
                {
                    renames.Add(new Edit(member.Name, rule.ToJson));
                }
            }
            else if (anyKept)
            {
                removals.Add(Slice.Between(previousEnd, member.End));
            }
            else
            {
                pending = member.Name.Start;
            }
            previousEnd = member.End;
        }
        if (pending >= 0)
        {
            removals.Add(Slice.Between(pending, previousEnd));
        }
        return new FieldEdits(removals, renames);
    }

    /// <param name="taken">Rules that would rename a field to a name that is there already.</param>
    private static List<Member> Read(ReadOnlySpan<byte> body, IReadOnlyList<FieldRule> rules, IReadOnlyList<Slice> before, out HashSet<FieldRule> taken)
    {
        taken = [];
        var nulls = new List<(FieldRule Rule, int Member)>();
        var members = new List<Member>();
        var reader = new Utf8JsonReader(body);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            int start = (int)reader.TokenStartIndex;
            // The token ends before the colon and the space around it.
            var name = new Slice(start, reader.ValueSpan.Length + 2);
            FieldRule? rule = Find(rules, ref reader, out FieldRule? target);
            reader.Read();
            int valueStart = (int)reader.TokenStartIndex;
            JsonTokenType type = reader.TokenType;
            reader.Skip();
            ReadOnlySpan<byte> value = body[valueStart..(int)reader.BytesConsumed];
            bool remove = before.Any(r => r.Start <= start && start < r.End) || Removes(rule, type, value);
            if (target is not null && type == JsonTokenType.Null)
            {
                nulls.Add((target, members.Count));
            }
            else if (target is not null)
            {
                taken.Add(target);
            }
            members.Add(new Member(name, (int)reader.BytesConsumed, rule, remove, type == JsonTokenType.Null));
        }
        foreach ((FieldRule rule, int member) in nulls)
        {
            // Null is how some clients say nothing: what is said under the old name takes its place.
            if (members.Exists(m => m.Rule == rule && !m.IsNull))
            {
                members[member] = members[member] with { Remove = true };
            }
            else
            {
                taken.Add(rule);
            }
        }
        return members;
    }

    /// <param name="target">The rule that renames another field to this name.</param>
    private static FieldRule? Find(IReadOnlyList<FieldRule> rules, ref Utf8JsonReader reader, out FieldRule? target)
    {
        FieldRule? found = null;
        target = null;
        foreach (FieldRule rule in rules)
        {
            if (reader.ValueTextEquals(rule.NameUtf8))
            {
                found = rule;
            }
            else if (rule.Action == FieldAction.Rename && reader.ValueTextEquals(rule.ToUtf8))
            {
                target = rule;
            }
        }
        return found;
    }

    private static bool Removes(FieldRule? rule, JsonTokenType type, ReadOnlySpan<byte> value) => rule?.Action switch
    {
        FieldAction.Remove => true,
        FieldAction.RemoveTrue => type is JsonTokenType.True or JsonTokenType.Null,
        FieldAction.RemoveNeutral => type switch
        {
            JsonTokenType.Null or JsonTokenType.False => true,
            JsonTokenType.Number => value.IndexOfAnyInRange((byte)'1', (byte)'9') < 0,
            JsonTokenType.StartObject or JsonTokenType.StartArray => value[1..^1].IndexOfAnyExcept(" \t\r\n"u8) < 0,
            _ => false,
        },
        _ => false,
    };

    private readonly record struct Member(Slice Name, int End, FieldRule? Rule, bool Remove, bool IsNull);
}
