using System.Diagnostics.CodeAnalysis;
using Gateway.Core.Catalog;
using Gateway.Web.Storage;

namespace Gateway.Web.Administration;

internal enum AdministrationOutcome
{
    Done,

    /// <summary>What was asked for is wrong; nothing was changed.</summary>
    Invalid,
    NotFound,

    /// <summary>The name is taken, or something else still refers to the entry.</summary>
    Conflict,

    /// <summary>The entry is declared in a file or the environment.</summary>
    ReadOnly,

    /// <summary>The database cannot be reached; nothing was changed.</summary>
    Unavailable,

    /// <summary>An operator of some teams only asked for something beyond them.</summary>
    Forbidden,

    /// <summary>The entry is not what the change was to be made of; nothing was changed.</summary>
    NotAsRead,
}

/// <summary>How a change went. Expected failures are values; exceptions are bugs.</summary>
internal sealed record AdministrationResult<T>
{
    private AdministrationResult(AdministrationOutcome outcome, T? value, IReadOnlyList<CatalogError> errors)
    {
        Outcome = outcome;
        Value = value;
        Errors = errors;
    }

    public AdministrationOutcome Outcome { get; }
    public T? Value { get; }

    /// <summary>Everything that is wrong, each with its path; empty when <see cref="IsDone"/>.</summary>
    public IReadOnlyList<CatalogError> Errors { get; }

    [MemberNotNullWhen(true, nameof(Value))]
    public bool IsDone => Outcome == AdministrationOutcome.Done;

    /// <summary>All messages as one text for people.</summary>
    public string Message => string.Join(Environment.NewLine, Errors.Select(e => e.Path.Length == 0 ? e.Message : $"{e.Path}: {e.Message}"));

    public static implicit operator AdministrationResult<T>(T value) => new(AdministrationOutcome.Done, value, []);

    public static implicit operator AdministrationResult<T>(AdministrationFailure failure) => new(failure.Outcome, default, failure.Errors);
}

/// <summary>A failure of any result type.</summary>
internal sealed record AdministrationFailure(AdministrationOutcome Outcome, IReadOnlyList<CatalogError> Errors)
{
    public static AdministrationFailure Invalid(IReadOnlyList<CatalogError> errors) => new(AdministrationOutcome.Invalid, errors);

    public static AdministrationFailure Invalid(string path, string message) => Invalid([new CatalogError(path, message)]);

    public static AdministrationFailure NotFound(string what, string id) =>
        new(AdministrationOutcome.NotFound, [new CatalogError("", $"There is no {what} with the id \"{id}\".")]);

    public static AdministrationFailure NameTaken(string what, string name) =>
        new(AdministrationOutcome.Conflict, [new CatalogError("name", $"There already is a {what} named \"{name}\".")]);

    public static AdministrationFailure ReadOnly(string what, string name) =>
        new(AdministrationOutcome.ReadOnly, [new CatalogError("", $"The {what} \"{name}\" is declared in a file or the environment; change it there.")]);

    /// <param name="by">Null where nobody knows.</param>
    /// <param name="fields">What they changed; empty for whatever it is.</param>
    public static AdministrationFailure ChangedMeanwhile(string? by, params IReadOnlyList<string> fields) =>
        new(AdministrationOutcome.Conflict, [new CatalogError("", $"Changed meanwhile{(by is null ? "" : $" by {by}")}{(fields.Count == 0 ? ", and saving this would undo that." : $": {string.Join(", ", fields.Select(f => f.Replace('_', ' ')))}. Saving this would undo that.")} Load it again, then make your change.")]);

    public static AdministrationFailure NotAsRead { get; } =
        new(AdministrationOutcome.NotAsRead, [new CatalogError("", "The entry is not what If-Match names, or has no ETag, so nothing was changed. Read it again; models, providers, routes, keys, teams and budgets that no file declares have one.")]);

    public static AdministrationFailure Forbidden { get; } =
        new(AdministrationOutcome.Forbidden, [new CatalogError("", "You are operator of some teams only, and may change their keys, budgets and limits. Ask an operator of the whole gateway.")]);

    public static AdministrationFailure Unavailable { get; } =
        new(AdministrationOutcome.Unavailable, [new CatalogError("", "The database cannot be reached or is busy, so nothing was changed. Try again in a moment.")]);

    /// <summary>What the database says is what is to be put right: a disk that is full, a role without a connection left.</summary>
    public static AdministrationFailure UnavailableBecause(Exception e) =>
        new(AdministrationOutcome.Unavailable, [new CatalogError("", $"The database cannot be reached or is busy, so nothing was changed ({DatabaseErrors.ReasonOf(e).TrimEnd('.')}). Try again in a moment.")]);
}
