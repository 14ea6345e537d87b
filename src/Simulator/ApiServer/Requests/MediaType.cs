namespace GpuStack.Simulator.ApiServer.Requests;

/// <summary>One media type of an Accept or Content-Type header, with its parameters.</summary>
internal sealed record MediaType(string Name, IReadOnlyDictionary<string, string> Parameters)
{
    public string? As => Parameters.GetValueOrDefault("as");

    /// <summary>Whether JSON answers it.</summary>
    public bool TakesJson => Name is "application/json" or "application/*" or "*/*";

    public static IReadOnlyList<MediaType> ParseList(string? header) =>
        string.IsNullOrWhiteSpace(header) ? [] : [.. header.Split(',').Select(Parse)];

    public static MediaType Parse(string text)
    {
        var parts = text.Split(';');
        var parameters = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var part in parts.Skip(1))
        {
            var pair = part.Split('=', 2);
            if (pair.Length == 2)
                parameters[pair[0].Trim()] = pair[1].Trim().Trim('"');
        }

        return new MediaType(parts[0].Trim().ToLowerInvariant(), parameters);
    }
}
