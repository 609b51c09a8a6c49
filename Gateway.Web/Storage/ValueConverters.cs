using Gateway.Core.Catalog;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Gateway.Web.Storage;

/// <summary>An instant as Unix milliseconds; finer parts are cut off.</summary>
internal sealed class UnixMillisecondsConverter() : ValueConverter<DateTimeOffset, long>(
    at => at.ToUnixTimeMilliseconds(),
    ms => DateTimeOffset.FromUnixTimeMilliseconds(ms));

/// <summary>Money as its nano-dollars.</summary>
internal sealed class NanoUsdConverter() : ValueConverter<NanoUsd, long>(
    money => money.Value,
    value => new NanoUsd(value));
