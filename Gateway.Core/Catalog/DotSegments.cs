namespace Gateway.Core.Catalog;

/// <summary>
/// <c>.</c> and <c>..</c> between the slashes of a model's name: some upstreams have the name in the URL's path, where such a
/// segment would leave the base URL, and no escaping survives a URL's parser.
/// </summary>
public static class DotSegments
{
    public static bool In(ReadOnlySpan<char> name)
    {
        foreach (Range segment in name.Split('/'))
        {
            if (name[segment] is "." or "..")
            {
                return true;
            }
        }
        return false;
    }
}
