using System.Text.Json.Nodes;
using System.Xml.Linq;
using GpuStack.EndToEnd.Release;

namespace GpuStack.EndToEnd.Trimming;

/// <summary>What a release makes of the published operator: the bill of materials, and the archive of the kubectl plugin.</summary>
[Collection(nameof(PublishedPrograms))]
public sealed class PublishedReleaseTests(PublishedOperator published) : IDisposable
{
    private const string Version = "1.2.3";

    private readonly string _folder = Directory.CreateTempSubdirectory("dist").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Its_bill_of_materials_has_every_package_that_it_is_made_of()
    {
        JsonObject bill = JsonNode.Parse(await BillAsync())!.AsObject();

        Assert.Equal(("CycloneDX", "1.6", 1), ((string)bill["bomFormat"]!, (string)bill["specVersion"]!, (int)bill["version"]!));
        Assert.Matches("^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$", (string)bill["serialNumber"]!);
        Assert.Equal(("gpustack-operator", Version), ((string)bill["metadata"]!["component"]!["name"]!, (string)bill["metadata"]!["component"]!["version"]!));
        JsonArray components = bill["components"]!.AsArray();
        Assert.All(components, component =>
        {
            string name = $"{component!["name"]} {component["version"]}";
            Assert.Contains((string)component["type"]!, (string[])["library", "framework"]);
            Assert.Equal($"pkg:nuget/{component["name"]}@{component["version"]}", (string)component["purl"]!);
            Assert.True(component["licenses"]!.AsArray().Count == 1, $"{name} tells no license.");
            Assert.Matches("^[0-9a-f]{128}$", (string)Assert.Single(component["hashes"]!.AsArray())!["content"]!);
        });
        // What src/ refers to, but for what only builds.
        Dictionary<string, string> versions = Items(Repository.PathOf("Directory.Packages.props"), "PackageVersion")
            .ToDictionary(item => (string)item.Attribute("Include")!, item => (string)item.Attribute("Version")!, StringComparer.Ordinal);
        string[] shipped =
        [
            .. Directory.EnumerateFiles(Repository.PathOf("src"), "*.csproj", SearchOption.AllDirectories)
                .SelectMany(project => Items(project, "PackageReference")).Where(item => (string?)item.Attribute("PrivateAssets") is not "all")
                .Select(item => (string)item.Attribute("Include")!).Distinct(),
        ];
        Assert.NotEmpty(shipped);
        Assert.All(shipped, name => Assert.Contains(components, component => (string)component!["name"]! == name && (string)component["version"]! == versions[name]));
        Assert.Equal(2, components.Count(component => (string)component!["type"]! == "framework"));
        Assert.DoesNotContain(components, component => ((string)component!["name"]!).Contains("Analyzer", StringComparison.Ordinal));
        // Every reference leads somewhere.
        HashSet<string> references = [.. components.Append(bill["metadata"]!["component"]).Select(component => (string)component!["bom-ref"]!)];
        Assert.All(bill["dependencies"]!.AsArray(), dependency => Assert.All(
            dependency!["dependsOn"]!.AsArray().Append(dependency["ref"]), reference => Assert.Contains((string)reference!, references)));
    }

    [Fact]
    public async Task Its_bill_of_materials_is_the_same_each_time() => Assert.Equal(await BillAsync(), await BillAsync());

    [Fact]
    public async Task Its_archive_is_the_plugin_with_samples_license_and_checksums()
    {
        Assert.True(published.Succeeded, published.Log);
        string platform = Runtime.Replace('-', '_').Replace("x64", "amd64", StringComparison.Ordinal);
        await Script.RunAsync("archives.sh", Version, _folder, "--published", platform, PublishedOperator.Image, PublishedOperator.Assets);

        string archive = $"kubectl-gpustack_{Version}_{platform}.tar.gz";
        string[] files = [archive, $"gpustack-operator_{Version}_{platform}.cdx.json", "checksums.txt"];
        Assert.Equal(files.Order(StringComparer.Ordinal), Directory.EnumerateFiles(_folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        (int code, string output, string error) = await PublishedProgram.RunAsync(
            "bash", [], "-c", "cd \"$1\" && sha256sum --check --strict checksums.txt && tar -xzf \"$2\" && ./kubectl-gpustack --version && ./kubectl-gpustack --help && ./kubectl-gpustack demo", "bash", _folder, archive);
        Assert.True(code == 0, $"{output}\n{error}");
        Assert.Contains("kubectl gpustack [command]", output, StringComparison.Ordinal);
        Assert.Contains("is Ready after", output, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_folder, "LICENSE")) && File.Exists(Path.Combine(_folder, "kubectl_complete-gpustack")));
    }

    private static string Runtime => System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier;

    private static IEnumerable<XElement> Items(string project, string name) => XDocument.Load(project).Descendants(name);

    private async Task<string> BillAsync()
    {
        Assert.True(published.Succeeded, published.Log);
        return await Script.RunAsync("sbom.sh", PublishedOperator.Assets, Runtime, Version);
    }
}
