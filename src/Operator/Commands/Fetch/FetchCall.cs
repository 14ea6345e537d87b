using System.Collections.Immutable;
using System.CommandLine;
using GpuStack.Kubernetes.Models;
using GpuStack.Modeling.Fetching;
using GpuStack.Modeling.Hubs;
using GpuStack.Modeling.Sources;
using GpuStack.Operator.Commands.Estimate;

namespace GpuStack.Operator.Commands.Fetch;

/// <summary>What the command line of <c>fetch</c> says.</summary>
internal sealed class FetchCall
{
    private const int MostMirrors = 16;
    private const int MostParallel = 32;
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromDays(30);

    private readonly Argument<string> _model = new("MODEL")
    {
        Description = "hf://owner/repo[:quantization][/file][@revision], ms://… alike, or https://host/model.gguf; an address that ends with / is a folder",
    };

    private readonly Option<string> _to = new("--to") { Description = "The folder below which models are kept", Required = true, HelpName = "DIR" };
    private readonly Option<string?> _revision = new("--revision") { Description = "Branch, tag or commit of a repository (default: main, of ModelScope master)", HelpName = "REVISION" };
    private readonly Option<string?> _file = new("--file") { Description = "The file, pattern or folder in the repository that is the model", HelpName = "FILE" };
    private readonly Option<string?> _format = OptionKinds.OneOfOrNone("--format", "Of a repository with both: gguf or safetensors (default: gguf)", "gguf", "safetensors");
    private readonly Option<bool> _projector = new("--mmproj") { Description = "Also fetches the multimodal projector (mmproj) that goes with a GGUF model" };
    private readonly Option<string?> _sha256 = new("--sha256") { Description = "SHA-256 that the model's one file must have", HelpName = "HEX" };
    private readonly Option<string[]> _mirrors = new("--mirror") { Description = "An endpoint that is asked before the hub, without the token; may be given several times", HelpName = "URL" };
    private readonly Option<string?> _authorities = TrustedFile.Option();
    private readonly Option<int> _parallel = OptionKinds.Positive("--parallel", $"Files that are fetched at once, at most {MostParallel}", 4);
    private readonly Option<string?> _timeout = new("--timeout") { Description = "How long all of it may take, such as 2h or 90m; what came by then stays (default: no limit)", HelpName = "DURATION" };
    private readonly Option<string?> _link = new("--link") { Description = "A symbolic link that is made to the folder that holds the model, for who must know the path beforehand", HelpName = "PATH" };
    private readonly Option<bool> _refresh = new("--refresh") { Description = "Asks what a branch means now, although a finished model of that name is there" };
    private readonly Option<int?> _statusPort = OptionKinds.NotNegative<int?>("--status-port", "A port on which /status says how far it is; by default none, 0 takes a free one");
    private readonly Option<string> _output = OptionKinds.OneOf("--output", "What is printed: text or json", "text", "json");

    public IEnumerable<Option> Options => [_to, _revision, _file, _format, _projector, _sha256, _mirrors, _authorities, _parallel, _timeout, _link, _refresh, _statusPort, _output];

    public Argument<string> Model => _model;

    public bool IsJson(ParseResult call) => call.GetValue(_output) == "json";

    /// <summary>The link that is made to the model's folder; null for none.</summary>
    public string? Link(ParseResult call) => call.GetValue(_link);

    /// <summary>The port that says how far it is; null for none.</summary>
    /// <exception cref="InputException">It is no port.</exception>
    public int? StatusPort(ParseResult call) => call.GetValue(_statusPort) is not > 65535 and var port
        ? port
        : throw new InputException($"--status-port: {call.GetValue(_statusPort)} is no port; give one between 0 and 65535.");

    /// <exception cref="InputException">The command line cannot be understood.</exception>
    public FetchRequest Request(ParseResult call)
    {
        string directory = call.GetRequiredValue(_to);
        if (string.IsNullOrWhiteSpace(directory))
        {
            throw new InputException("--to: the folder's name is empty; name one.");
        }

        if (File.Exists(directory))
        {
            throw new InputException($"--to: '{directory}' is a file; name a folder.");
        }

        int parallel = call.GetValue(_parallel);
        return new FetchRequest
        {
            Location = Location(call),
            Directory = directory,
            Format = call.GetValue(_format) switch { "gguf" => ModelFormat.Gguf, "safetensors" => ModelFormat.Safetensors, _ => null },
            WithProjector = call.GetValue(_projector),
            Sha256 = Sha256(call.GetValue(_sha256)),
            Parallel = parallel <= MostParallel ? parallel : throw new InputException($"--parallel: {parallel} is too many; give at most {MostParallel}."),
            Refresh = call.GetValue(_refresh),
        };
    }

    /// <exception cref="InputException">One of them is no endpoint, or the model is of no hub.</exception>
    public ImmutableArray<Uri> Mirrors(ParseResult call, ModelLocation location)
    {
        string[] mirrors = call.GetValue(_mirrors) ?? [];
        if (mirrors.Length > 0 && location.Kind is not (ModelLocationKind.HuggingFace or ModelLocationKind.ModelScope))
        {
            throw new InputException("--mirror: mirrors are endpoints of Hugging Face or ModelScope; leave it out for other sources.");
        }

        return mirrors.Length <= MostMirrors
            ? [.. mirrors.Select(Mirror)]
            : throw new InputException($"--mirror: {mirrors.Length} mirrors are too many; give at most {MostMirrors}.");
    }

    /// <summary>Who is trusted beside the system's authorities; null for nobody.</summary>
    /// <exception cref="InputException">The file cannot be read.</exception>
    public TrustedAuthorities? Authorities(ParseResult call) => TrustedFile.Read(call.GetValue(_authorities));

    /// <summary>The limit of all of it; null for none.</summary>
    /// <exception cref="InputException">It is no duration.</exception>
    public TimeSpan? Timeout(ParseResult call)
    {
        if (call.GetValue(_timeout) is not { } text)
        {
            return null;
        }

        return KubernetesDuration.TryParse(text, out KubernetesDuration duration) && duration.ToTimeSpan() is var time && time > TimeSpan.Zero && time <= LongestTimeout
            ? time
            : throw new InputException($"--timeout: '{text}' is no duration of up to {LongestTimeout.TotalDays:0} days; give one such as 90m or 2h30m.");
    }

    private static Uri Mirror(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out Uri? mirror) && (mirror.Scheme == Uri.UriSchemeHttps || mirror.Scheme == Uri.UriSchemeHttp)
        && mirror.UserInfo.Length == 0 && mirror.Query.Length == 0
            ? mirror
            : throw new InputException("--mirror: expected is an http or https address without user name and query, such as https://hf-mirror.com.");

    private static string? Sha256(string? text) => text is null ? null
        : text.Length == 64 && text.All(char.IsAsciiHexDigit) ? text.ToLowerInvariant()
        : throw new InputException($"--sha256: '{text}' is no digest; expected are 64 hexadecimal digits, as sha256sum prints them.");

    private ModelLocation Location(ParseResult call)
    {
        try
        {
            ModelLocation location = ModelLocation.Parse(call.GetRequiredValue(_model));
            location = call.GetValue(_file) is { } file ? location.WithFile(file) : location;
            return call.GetValue(_revision) is { } revision ? location.WithRevision(revision) : location;
        }
        catch (FormatException exception)
        {
            throw new InputException(exception.Message, exception);
        }
    }
}
