using System.Linq.Expressions;
using Gateway.Core.Accounting;
using Gateway.Web.Storage.Rows;

namespace Gateway.Web.Administration.Traffic;

/// <summary>One condition that calls have to meet: a text that is one of some, or a number in a range.</summary>
public sealed record RequestTerm(RequestField Field)
{
    /// <summary>Stands for every text but none.</summary>
    public const string Any = "*";

    public bool Not { get; init; }

    /// <summary>Of text: any of these; <see cref="Any"/>, and the empty text for none. A request id may end with a star.</summary>
    public IReadOnlyList<string> Values { get; init; } = [];

    /// <summary>Of numbers.</summary>
    public long Min { get; init; } = long.MinValue;

    /// <summary>Inclusive.</summary>
    public long Max { get; init; } = long.MaxValue;

    /// <summary>A text that is this one.</summary>
    public static RequestTerm Is(RequestField field, string value) => new(field) { Values = [value] };

    /// <summary>The same decision as <see cref="Predicate"/> makes, for calls that are not in the database.</summary>
    public bool Matches(UsageRecord record) => Not != (Field.RecordText is { } text ? Holds(text(record)) : Field.RecordNumber!(record) is { } number && number >= Min && number <= Max);

    /// <summary>For the text of a rollup, which is empty for none.</summary>
    internal bool Holds(string? text) => Values.Any(v => v switch
    {
        Any => !string.IsNullOrEmpty(text),
        "" => string.IsNullOrEmpty(text),
        [.. var start, '*'] when Field == RequestField.Id => text?.StartsWith(start, StringComparison.Ordinal) ?? false,
        _ => v == text,
    });

    internal Expression<Func<UsageRecordRow, bool>> Predicate() => Field.RowText is { } text ? TextPredicate(text) : NumberPredicate(Field.RowNumber!);

    private Expression<Func<UsageRecordRow, bool>> TextPredicate(Expression<Func<UsageRecordRow, string?>> column)
    {
        Expression nothing = Expression.Constant(null, typeof(string));
        Expression body = Values.Select(v => v switch
        {
            Any => Expression.NotEqual(column.Body, nothing),
            "" => Expression.Equal(column.Body, nothing),
            [.. var start, '*'] when Field == RequestField.Id => (Expression)Expression.Call(column.Body, nameof(string.StartsWith), null, Parameter(start, typeof(string))),
            _ => Expression.Equal(column.Body, Parameter(v, typeof(string))),
        }).Aggregate(Expression.OrElse);
        return Expression.Lambda<Func<UsageRecordRow, bool>>(Not ? Expression.Not(body) : body, column.Parameters);
    }

    private Expression<Func<UsageRecordRow, bool>> NumberPredicate(Expression<Func<UsageRecordRow, long?>> column)
    {
        // Compared as what it is, so that an index can be used.
        Expression body = column.Body;
        while (body is UnaryExpression { NodeType: ExpressionType.Convert } convert && convert.Operand.Type != typeof(bool))
        {
            body = convert.Operand;
        }
        Type type = Nullable.GetUnderlyingType(body.Type) ?? body.Type;
        if (Field == RequestField.Status && Min != Max)
        {
            // All that failed sorted by time is a long list to find fifty in: as a sum it is no use to the index on the status,
            // and the one on the time is walked instead.
            body = Expression.Add(body, Expression.Constant(0));
        }
        Expression At(long bound) => Parameter(type == typeof(int) ? (object)(int)Math.Clamp(bound, int.MinValue, int.MaxValue) : bound, body.Type);
        List<Expression> parts = [];
        if (Min == Max)
        {
            parts.Add(Not ? Expression.NotEqual(body, At(Min)) : Expression.Equal(body, At(Min)));
        }
        else
        {
            if (Min != long.MinValue)
            {
                parts.Add(Not ? Expression.LessThan(body, At(Min)) : Expression.GreaterThanOrEqual(body, At(Min)));
            }
            if (Max != long.MaxValue)
            {
                parts.Add(Not ? Expression.GreaterThan(body, At(Max)) : Expression.LessThanOrEqual(body, At(Max)));
            }
            // A database takes neither a comparison with nothing nor its opposite for true.
            if (Not && body.Type != type)
            {
                parts.Add(Expression.Equal(body, Expression.Constant(null, body.Type)));
            }
        }
        return Expression.Lambda<Func<UsageRecordRow, bool>>(parts.Aggregate(Not ? Expression.OrElse : Expression.AndAlso), column.Parameters);
    }

    // What hangs on a constant becomes a parameter of the command; a constant itself would be part of its text.
    private static UnaryExpression Parameter(object value, Type type) =>
        Expression.Convert(Expression.Property(Expression.Constant(new Box(value)), nameof(Box.Value)), type);

    private sealed record Box(object Value);
}
