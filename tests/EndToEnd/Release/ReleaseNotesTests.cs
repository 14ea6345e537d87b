namespace GpuStack.EndToEnd.Release;

/// <summary>A release has one version, which the project, the chart and the changelog tell.</summary>
public sealed class ReleaseNotesTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("release").FullName;

    public ReleaseNotesTests()
    {
        Directory.CreateDirectory(Path.Combine(_root, "charts", "gpustack-operator"));
        Write("Directory.Build.props", "<Project><PropertyGroup>\n    <VersionPrefix>1.2.3</VersionPrefix>\n</PropertyGroup></Project>");
        Write("charts/gpustack-operator/Chart.yaml", "apiVersion: v2\nversion: 0.7.0\nappVersion: \"1.2.3\"\nannotations:\n  artifacthub.io/images: |\n    - name: x\n      image: ghcr.io/gpustack/gpustack-operator:1.2.3\n");
        Write("CHANGELOG.md", "# Changelog\n\n## [Unreleased]\n\n## [1.2.3] - 2026-11-26\n\n### Added\n- This.\n\n## [1.2.2] - 2026-10-01\n- That.\n");
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task The_changelogs_section_is_printed() =>
        Assert.Equal("### Added\n- This.", (await Script.RunAsync("release-notes.sh", "1.2.3", _root)).TrimEnd());

    [Theory]
    [InlineData("Directory.Build.props", "1.2.3", "1.2.4", "No release 1.2.3: VersionPrefix in Directory.Build.props says '1.2.4'; write 1.2.3.")]
    [InlineData("charts/gpustack-operator/Chart.yaml", "operator:1.2.3", "operator:1.2.2", "No release 1.2.3: the image in the annotations of charts/gpustack-operator/Chart.yaml says '1.2.2'; write 1.2.3.")]
    [InlineData("charts/gpustack-operator/Chart.yaml", "\"1.2.3\"", "\"1\"", "No release 1.2.3: appVersion in charts/gpustack-operator/Chart.yaml says '1'; write 1.2.3.")]
    [InlineData("CHANGELOG.md", "[1.2.3]", "[1.2.30]", "No release 1.2.3: CHANGELOG.md has no text below '## [1.2.3]'.")]
    public async Task What_is_not_of_that_version_is_named(string file, string text, string other, string sentence)
    {
        string path = Path.Combine(_root, file);
        await File.WriteAllTextAsync(path, (await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken)).Replace(text, other, StringComparison.Ordinal), TestContext.Current.CancellationToken);

        Assert.Equal(sentence, await Script.RefusalAsync("release-notes.sh", "1.2.3", _root));
    }

    [Fact]
    public async Task What_is_no_version_is_refused() =>
        Assert.Equal("No release v1.2.3: that is no version; tags are called v1.2.3.", await Script.RefusalAsync("release-notes.sh", "v1.2.3", _root));

    private void Write(string file, string text) => File.WriteAllText(Path.Combine(_root, file), text);
}
