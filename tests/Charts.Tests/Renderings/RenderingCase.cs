using System.Text.RegularExpressions;

namespace GpuStack.Charts.Tests.Renderings;

/// <summary>
/// A folder with <c>values.yaml</c> and what the chart makes of it, <c>expected.yaml</c>. The first line of the values may name another release:
/// <c># release: NAME in NAMESPACE</c>.
/// </summary>
internal sealed partial class RenderingCase
{
    private readonly string _folder;

    public RenderingCase(string name)
    {
        _folder = Path.Combine(Folder, name);
        var first = File.ReadLines(Values).FirstOrDefault() ?? "";
        (Release, Namespace) = ReleaseOf(first);
    }

    /// <summary>The release that a line names; without one that of the documents.</summary>
    public static (string Release, string Namespace) ReleaseOf(string line)
    {
        var release = ReleaseLine().Match(line);
        return release.Success ? (release.Groups["release"].Value, release.Groups["namespace"].Value) : ("gpustack-operator", "gpustack-system");
    }

    public static string Folder { get; } = Path.Combine(Repository.Cases, "renderings");

    public static TheoryData<string> Names => [.. Directory.GetDirectories(Folder).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

    public string Values => Path.Combine(_folder, "values.yaml");

    public string Expected => Path.Combine(_folder, "expected.yaml");

    public string Release { get; }

    public string Namespace { get; }

    /// <summary>What helm makes of it, in an order that does not depend on helm.</summary>
    public async Task<IReadOnlyList<RenderedObject>> RenderAsync() => Sorted(await Tool.Helm.RunAsync(
        "template", Release, Repository.Chart, "--namespace", Namespace, "--values", Values, "--kube-version", "1.34.0"));

    public static IReadOnlyList<RenderedObject> Sorted(string rendering) =>
    [
        .. Repository.ReadDocuments(rendering, "rendering").Select(json => new RenderedObject(json))
            .OrderBy(one => one.Kind, StringComparer.Ordinal).ThenBy(one => one.Namespace, StringComparer.Ordinal).ThenBy(one => one.Name, StringComparer.Ordinal),
    ];

    [GeneratedRegex("^# release: (?<release>\\S+) in (?<namespace>\\S+)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ReleaseLine();
}
