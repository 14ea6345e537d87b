using System.Collections.Immutable;
using System.CommandLine;
using GpuStack.Operator.Hosting;

namespace GpuStack.Operator.Commands.Run;

/// <summary>The options of <c>run</c> for clusters that reach neither the public registries nor the public hubs.</summary>
internal sealed class SourceOptions
{
    private readonly Option<string?> _registry = new("--image-registry")
    {
        Description = "The registry that engine images come from instead of their own, such as registry.example.com/mirror; images that a ModelDeployment names stay.",
        HelpName = "PREFIX",
    };

    private readonly Option<string[]> _mirrors = new("--model-mirror")
    {
        Description = $"An endpoint that answers as the hub does, asked before it for every deployment and after the deployment's own mirrors; repeatable, at most {OperatorSettings.MostModelMirrors}.",
        HelpName = "URL",
    };

    private readonly Option<string?> _authorities = TrustedFile.Option();

    public void AddTo(Command command)
    {
        command.Add(_registry);
        command.Add(_mirrors);
        command.Add(_authorities);
    }

    /// <summary>The settings with what these options say.</summary>
    /// <exception cref="InputException">A value cannot be understood.</exception>
    public OperatorSettings Apply(ParseResult result, OperatorSettings settings)
    {
        if (result.GetValue(_registry) is { } registry)
        {
            if (!ImageRegistry.IsPrefix(registry))
                throw new InputException($"{_registry.Name}: '{registry}' is no registry; give a host with a path where it has one, such as registry.example.com/mirror.");
            settings = settings with
            {
                LlamaCppImages = From(settings.LlamaCppImages, registry),
                VllmImages = From(settings.VllmImages, registry),
                SglangImages = From(settings.SglangImages, registry),
            };
        }
        string[] mirrors = result.GetValue(_mirrors) ?? [];
        if (mirrors.Length > OperatorSettings.MostModelMirrors)
            throw new InputException($"{_mirrors.Name}: {mirrors.Length} mirrors are too many; give at most {OperatorSettings.MostModelMirrors}.");
        return settings with { ModelMirrors = [.. mirrors.Select(Mirror)], Authorities = TrustedFile.Read(result.GetValue(_authorities)) };
    }

    private Uri Mirror(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var mirror) && (mirror.Scheme == Uri.UriSchemeHttps || mirror.Scheme == Uri.UriSchemeHttp)
        && mirror.UserInfo.Length == 0 && mirror.Query.Length == 0
            ? mirror
            : throw new InputException($"{_mirrors.Name}: expected is an http or https address without user name and query, such as https://hf-mirror.com.");

    private static ImmutableDictionary<string, string> From(ImmutableDictionary<string, string> images, string registry) =>
        images.SetItems(images.Select(image => KeyValuePair.Create(image.Key, ImageRegistry.From(registry, image.Value))));
}
