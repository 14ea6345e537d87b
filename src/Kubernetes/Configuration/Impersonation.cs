namespace GpuStack.Kubernetes.Configuration;

/// <summary>As whom the server shall treat every request; our own credentials need the right to <c>impersonate</c>.</summary>
/// <param name="User">The user's name.</param>
public sealed record Impersonation(string User)
{
    /// <summary>The user's uid.</summary>
    public string? Uid { get; init; }

    /// <summary>
    /// The user's group. One only: servers expect a header line for each group, and .NET joins the values of a header to one line, which
    /// servers would take for one group of a strange name.
    /// </summary>
    public string? Group { get; init; }

    /// <summary>Further attributes of the user; one value each, for the same reason.</summary>
    public IReadOnlyDictionary<string, string> Extra { get; init; } = new Dictionary<string, string>();
}
