using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace GpuStack.EndToEnd.Release;

/// <summary>The manifest for krew, by the rules of krew's own validation and of its index.</summary>
public sealed class KrewManifestTests : IDisposable
{
    private static readonly string[] Platforms = ["darwin_amd64", "darwin_arm64", "linux_amd64", "linux_arm64", "windows_amd64", "windows_arm64"];

    private readonly string _folder = Directory.CreateTempSubdirectory("archives").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Every_archive_is_a_platform_of_a_valid_plugin()
    {
        foreach (string platform in Platforms)
        {
            string suffix = platform.StartsWith("windows", StringComparison.Ordinal) ? "zip" : "tar.gz";
            await File.WriteAllTextAsync(Path.Combine(_folder, $"kubectl-gpustack_1.2.3_{platform}.{suffix}"), platform, TestContext.Current.CancellationToken);
        }

        JsonObject manifest = YamlFile.Read(await Script.RunAsync("krew-manifest.sh", "1.2.3", _folder, "https://example.com/v1.2.3/"), "gpustack.yaml");

        Assert.Equal(("krew.googlecontainertools.github.com/v1alpha2", "Plugin"), ((string)manifest["apiVersion"]!, (string)manifest["kind"]!));
        Assert.Equal("gpustack", (string)manifest["metadata"]!["name"]!);
        JsonObject spec = manifest["spec"]!.AsObject();
        Assert.Equal(["caveats", "description", "homepage", "platforms", "shortDescription", "version"], spec.Select(field => field.Key).Order(StringComparer.Ordinal));
        Assert.Equal("v1.2.3", (string)spec["version"]!);
        Assert.InRange(((string)spec["shortDescription"]!).Length, 10, 50);
        Assert.DoesNotMatch("[.\r\n]", (string)spec["shortDescription"]!);
        Assert.All(((string)spec["description"]!).Split('\n'), line => Assert.InRange(line.Length, 0, 80));
        JsonArray platforms = spec["platforms"]!.AsArray();
        Assert.Equal(
            Platforms, platforms.Select(platform => $"{platform!["selector"]!["matchLabels"]!["os"]}_{platform["selector"]!["matchLabels"]!["arch"]}").Order(StringComparer.Ordinal));
        Assert.All(platforms, platform =>
        {
            string uri = (string)platform!["uri"]!;
            Assert.StartsWith("https://example.com/v1.2.3/kubectl-gpustack_1.2.3_", uri, StringComparison.Ordinal);
            byte[] archive = File.ReadAllBytes(Path.Combine(_folder, Path.GetFileName(uri)));
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(archive)), (string)platform["sha256"]!);
            Assert.Equal(uri.EndsWith(".zip", StringComparison.Ordinal) ? "kubectl-gpustack.exe" : "kubectl-gpustack", (string)platform["bin"]!);
        });
    }

    [Fact]
    public async Task A_folder_without_archives_is_refused() =>
        Assert.Equal(
            $"{_folder} holds no kubectl-gpustack_1.2.3_*; run scripts/archives.sh 1.2.3 {_folder} first.",
            await Script.RefusalAsync("krew-manifest.sh", "1.2.3", _folder, "https://example.com"));
}
