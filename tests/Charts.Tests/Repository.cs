using System.Reflection;
using System.Text.Json.Nodes;
using GpuStack.Kubernetes.Yaml;

namespace GpuStack.Charts.Tests;

/// <summary>Where the working tree is that this test assembly was built from, and what its files say.</summary>
internal static class Repository
{
    private static readonly YamlLimits Limits = new(16 << 20, 1_000_000, 64);

    public static string Root { get; } = typeof(Repository).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "RepositoryRoot").Value!;

    public static string Chart { get; } = PathOf("charts", "gpustack-operator");

    public static string Cases { get; } = PathOf("tests", "Charts.Tests", "cases");

    /// <summary>Whether expected files are to be written anew, to be read before they are committed.</summary>
    public static bool Regenerate { get; } = Environment.GetEnvironmentVariable("GPUSTACK_REGENERATE") is "1";

    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    public static JsonObject ReadYaml(string path) => Assert.Single(ReadDocuments(File.ReadAllText(path), path));

    public static IReadOnlyList<JsonObject> ReadDocuments(string text, string name) =>
        [.. YamlReader.ReadDocuments(text, name, Limits).Select(document => document.AsObject())];
}
