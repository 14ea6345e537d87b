using System.Collections.Immutable;

namespace GpuStack.Modeling.Sources;

/// <summary>Where the model hubs are, and what proves to them who asks.</summary>
public sealed record ModelHubSettings
{
    /// <summary>The endpoint of <c>hf://</c> addresses.</summary>
    public Uri HuggingFaceEndpoint { get; init; } = new("https://huggingface.co");

    /// <summary>The endpoint of <c>ms://</c> addresses.</summary>
    public Uri ModelScopeEndpoint { get; init; } = new("https://www.modelscope.cn");

    /// <summary>
    /// Endpoints of the location's hub that are tried in this order before its own. They get no token, unless one is the endpoint itself.
    /// </summary>
    public ImmutableArray<Uri> Mirrors { get; init; } = [];

    /// <summary>A token for the Hugging Face endpoint; sent to that host only.</summary>
    public string? HuggingFaceToken { get; init; }

    /// <summary>A token for the ModelScope endpoint; sent to that host only.</summary>
    public string? ModelScopeToken { get; init; }

    /// <summary>A token for <c>https://</c> locations; sent to the location's own host only.</summary>
    public string? AddressToken { get; init; }

    /// <summary>What proves to registries who asks.</summary>
    public ImmutableArray<RegistryLogin> RegistryLogins { get; init; } = [];

    /// <summary>Where local paths begin, such as the mount of a claim; nothing outside of it is read. Null: paths of this machine, unguarded.</summary>
    public string? LocalRoot { get; init; }

    /// <summary>Settings from HF_ENDPOINT, HF_TOKEN, HUGGING_FACE_HUB_TOKEN, MODELSCOPE_ENDPOINT, MODELSCOPE_API_TOKEN and GPUSTACK_MODEL_TOKEN.</summary>
    /// <param name="variable">Gives the value of an environment variable.</param>
    /// <exception cref="FormatException">An endpoint is no http(s) address.</exception>
    public static ModelHubSettings FromEnvironment(Func<string, string?> variable)
    {
        var defaults = new ModelHubSettings();
        return new ModelHubSettings
        {
            HuggingFaceEndpoint = Endpoint(variable, "HF_ENDPOINT", defaults.HuggingFaceEndpoint),
            ModelScopeEndpoint = Endpoint(variable, "MODELSCOPE_ENDPOINT", defaults.ModelScopeEndpoint),
            HuggingFaceToken = Secret(variable("HF_TOKEN")) ?? Secret(variable("HUGGING_FACE_HUB_TOKEN")),
            ModelScopeToken = Secret(variable("MODELSCOPE_API_TOKEN")),
            AddressToken = Secret(variable("GPUSTACK_MODEL_TOKEN")),
        };
    }

    /// <summary>
    /// Where the Hugging Face tools keep the token of <c>hf auth login</c>: HF_TOKEN_PATH, else <c>token</c> in HF_HOME, else in
    /// <c>huggingface</c> below XDG_CACHE_HOME or <c>~/.cache</c>. Null when not even a home directory is known.
    /// </summary>
    /// <param name="variable">Gives the value of an environment variable.</param>
    public static string? HuggingFaceTokenFile(Func<string, string?> variable) =>
        Secret(variable("HF_TOKEN_PATH"))
        ?? (Secret(variable("HF_HOME")) is { } home ? Path.Combine(home, "token")
            : (Secret(variable("XDG_CACHE_HOME")) ?? (Secret(variable("HOME")) is { } user ? Path.Combine(user, ".cache") : null)) is { } cache
                ? Path.Combine(cache, "huggingface", "token") : null);

    /// <summary>A record's own ToString would print the tokens.</summary>
    public override string ToString() => $"{nameof(ModelHubSettings)} {{ {HuggingFaceEndpoint}, {ModelScopeEndpoint} }}";

    /// <summary>The token for an address: that of the hub whose endpoint it is below, else none.</summary>
    internal string? TokenFor(Uri address) =>
        HubAddress.IsServer(address, HuggingFaceEndpoint) ? HuggingFaceToken ?? AddressToken
        : HubAddress.IsServer(address, ModelScopeEndpoint) ? ModelScopeToken ?? AddressToken
        : AddressToken;

    private static string? Secret(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

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
