namespace GpuStack.Modeling.Hubs.Oci;

/// <summary>What a registry asks for in <c>WWW-Authenticate</c> (RFC 9110; the registry token flow). Pure.</summary>
/// <param name="Scheme"><c>bearer</c> or <c>basic</c>, in small letters.</param>
/// <param name="Parameters">Its parameters by their names in small letters.</param>
internal sealed record OciChallenge(string Scheme, IReadOnlyDictionary<string, string> Parameters)
{
    /// <summary>Reads one header; null when it is none of the two schemes.</summary>
    public static OciChallenge? Parse(string header)
    {
        int space = header.IndexOf(' ', StringComparison.Ordinal);
        string scheme = (space < 0 ? header : header[..space]).ToLowerInvariant();
        if (scheme is not ("bearer" or "basic"))
        {
            return null;
        }

        var parameters = new Dictionary<string, string>(StringComparer.Ordinal);
        ReadOnlySpan<char> rest = space < 0 ? "" : header.AsSpan(space + 1);
        while (rest.IndexOf('=') is > 0 and int equals)
        {
            string name = rest[..equals].Trim(" ,").ToString().ToLowerInvariant();
            rest = rest[(equals + 1)..].TrimStart(' ');
            bool quoted = rest.StartsWith("\"");
            rest = quoted ? rest[1..] : rest;
            int end = rest.IndexOf(quoted ? '"' : ',');
            parameters[name] = (end < 0 ? rest : rest[..end]).ToString();
            rest = end < 0 ? [] : rest[(end + 1)..];
        }

        return new OciChallenge(scheme, parameters);
    }
}
