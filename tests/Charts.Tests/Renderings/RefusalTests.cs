namespace GpuStack.Charts.Tests.Renderings;

/// <summary><c>cases/refused/NAME.yaml</c>: values that the chart refuses, with what it says in the first line, <c># expected: TEXT</c>.</summary>
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
        var first = File.ReadLines(path).First();
        Assert.StartsWith(Marker, first, StringComparison.Ordinal);

        var said = await Tool.Helm.RefusalAsync("template", "gpustack-operator", Repository.Chart, "--namespace", "gpustack-system", "--values", path);

        Assert.Contains(first[Marker.Length..], said, StringComparison.Ordinal);
    }
}
