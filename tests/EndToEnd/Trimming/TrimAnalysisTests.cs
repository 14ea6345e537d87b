using System.Text.Json.Nodes;

namespace GpuStack.EndToEnd.Trimming;

/// <summary>
/// A JSON call without source-generated metadata, and any other reflection that trimming or ahead-of-time compilation breaks, is an error of
/// the compiler in src/Kubernetes (IL2026, IL3050 and their kin) as long as these analyzers are on and nobody silences them.
/// </summary>
public sealed class TrimAnalysisTests
{
    [Fact]
    public async Task The_analyzers_of_the_client_are_on_and_their_warnings_are_errors()
    {
        string[] on = ["IsAotCompatible", "IsTrimmable", "EnableTrimAnalyzer", "EnableSingleFileAnalyzer", "EnableAotAnalyzer", "TreatWarningsAsErrors"];
        (int code, string output, string error) = await PublishedProgram.RunAsync(
            "dotnet", [], "msbuild", Repository.PathOf("src", "Kubernetes", "Kubernetes.csproj"), "-nodeReuse:false",
            $"-getProperty:{string.Join(',', on)},NoWarn,WarningsNotAsErrors");

        Assert.True(code == 0, $"{output}\n{error}");
        JsonObject properties = JsonNode.Parse(output)!["Properties"]!.AsObject();
        Assert.All(on, name => Assert.Equal("true", properties[name]!.ToString(), ignoreCase: true));
        Assert.DoesNotContain("IL", properties["NoWarn"]!.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("IL", properties["WarningsNotAsErrors"]!.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("src/Kubernetes")]
    [InlineData("tests/Trimmed")]
    public void Nothing_silences_them(string folder)
    {
        string[] silencers = ["UnconditionalSuppressMessage", "RequiresUnreferencedCode", "RequiresDynamicCode", "DynamicDependency", "disable IL", "SuppressMessage(\"Trimming"];

        Assert.All(
            Directory.EnumerateFiles(Repository.PathOf(folder.Split('/')), "*.cs", SearchOption.AllDirectories)
                .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)),
            file => Assert.DoesNotContain(silencers, word => File.ReadAllText(file).Contains(word, StringComparison.Ordinal)));
        Assert.DoesNotContain("dotnet_diagnostic.IL", File.ReadAllText(Repository.PathOf(".editorconfig")), StringComparison.Ordinal);
    }
}
