namespace GpuStack.Modeling.Sources;

/// <summary>Where the model hubs are, and the tokens for them.</summary>
public sealed record ModelHubSettings
{
    /// <summary>The endpoint of <c>hf://</c> addresses.</summary>
    public Uri HuggingFaceEndpoint { get; init; } = new("https://huggingface.co");

    /// <summary>The endpoint of <c>ms://</c> addresses.</summary>
    public Uri ModelScopeEndpoint { get; init; } = new("https://modelscope.cn");

    /// <summary>A token for the Hugging Face endpoint; sent to that host only.</summary>
    public string? HuggingFaceToken { get; init; }

    /// <summary>A token for the ModelScope endpoint; sent to that host only.</summary>
    public string? ModelScopeToken { get; init; }

    /// <summary>Settings from HF_ENDPOINT, HF_TOKEN, MODELSCOPE_ENDPOINT and MODELSCOPE_API_TOKEN.</summary>
    /// <param name="variable">Gives the value of an environment variable.</param>
    /// <exception cref="FormatException">An endpoint is no http(s) address.</exception>
    public static ModelHubSettings FromEnvironment(Func<string, string?> variable)
    {
        var defaults = new ModelHubSettings();
        return new ModelHubSettings
        {
            HuggingFaceEndpoint = Endpoint(variable, "HF_ENDPOINT", defaults.HuggingFaceEndpoint),
            ModelScopeEndpoint = Endpoint(variable, "MODELSCOPE_ENDPOINT", defaults.ModelScopeEndpoint),
            HuggingFaceToken = variable("HF_TOKEN"),
            ModelScopeToken = variable("MODELSCOPE_API_TOKEN"),
        };
    }

    /// <summary>A record's own ToString would print the tokens.</summary>
    public override string ToString() => $"{nameof(ModelHubSettings)} {{ {HuggingFaceEndpoint}, {ModelScopeEndpoint} }}";

    private static Uri Endpoint(Func<string, string?> variable, string name, Uri fallback)
    {
        string? text = variable(name);
        if (string.IsNullOrWhiteSpace(text))
        {
            return fallback;
        }

        return Uri.TryCreate(text, UriKind.Absolute, out Uri? endpoint) && (endpoint.Scheme == Uri.UriSchemeHttp || endpoint.Scheme == Uri.UriSchemeHttps)
            ? endpoint
            : throw new FormatException($"{name}: '{text}' is no http or https address; set it to one like https://huggingface.co.");
    }
}
