using System.Text;

namespace GpuStack.Faults.Serving;

/// <summary>A request's first line; no request to this server has a body.</summary>
/// <param name="Method">Such as GET.</param>
/// <param name="Path">Without the query.</param>
/// <param name="Query">The query's parameters; the last of a name counts.</param>
public sealed record HttpRequestHead(string Method, string Path, IReadOnlyDictionary<string, string> Query)
{
    /// <summary>A parameter; null when it is missing or empty.</summary>
    public string? this[string parameter] => Query.TryGetValue(parameter, out var value) && value.Length > 0 ? value : null;

    internal static HttpRequestHead? Parse(ReadOnlySpan<byte> head)
    {
        var end = head.IndexOf("\r\n"u8);
        var words = Encoding.ASCII.GetString(end < 0 ? head : head[..end]).Split(' ');
        if (words.Length != 3) return null;
        var question = words[1].IndexOf('?', StringComparison.Ordinal);
        var query = new Dictionary<string, string>(StringComparer.Ordinal);
        if (question >= 0)
        {
            foreach (var pair in words[1][(question + 1)..].Split('&', StringSplitOptions.RemoveEmptyEntries))
            {
                var sign = pair.IndexOf('=', StringComparison.Ordinal);
                query[sign < 0 ? pair : pair[..sign]] = sign < 0 ? "" : Uri.UnescapeDataString(pair[(sign + 1)..]);
            }
        }

        return new HttpRequestHead(words[0], question < 0 ? words[1] : words[1][..question], query);
    }
}
