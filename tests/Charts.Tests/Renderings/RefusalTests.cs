namespace GpuStack.Charts.Tests.Renderings;

/// <summary>
/// <c>cases/refused/NAME.yaml</c>: values that the chart refuses, with what it says in the first line, <c># expected: TEXT</c>. The second line may
/// name another release, <c># release: NAME in NAMESPACE</c>.
/// </summary>
public sealed class RefusalTests
{
    private const string Marker = "# expected: ";

    private static readonly string Folder = Path.Combine(Repository.Cases, "refused");

    public static TheoryData<string> Cases => [.. Directory.GetFiles(Folder).Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Wrong_values_are_refused_by_name(string name)
    {
        var path = Path.Combine(Folder, $"{name}.yaml");
        var (first, second) = (File.ReadLines(path).First(), File.ReadLines(path).ElementAtOrDefault(1));
        var (release, home) = RenderingCase.ReleaseOf(second ?? "");
        Assert.StartsWith(Marker, first, StringComparison.Ordinal);

        var said = await Tool.Helm.RefusalAsync("template", release, Repository.Chart, "--namespace", home, "--values", path);

        Assert.Contains(first[Marker.Length..], said, StringComparison.Ordinal);
    }
}
