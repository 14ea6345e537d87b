using System.Text.Json;
using System.Text.Json.Nodes;
using GpuStack.Entities.Generation;
using GpuStack.Entities.Manifests;
using GpuStack.Kubernetes.Yaml;

namespace GpuStack.Entities.Tests.Manifests;

public sealed class ModelDeploymentReaderTests
{
    public static TheoryData<string> Deployments => CaseFiles.Names("deployments", ".yaml");

    public static TheoryData<string> Defaults => CaseFiles.Names("defaults", ".input.yaml");

    [Theory]
    [MemberData(nameof(Deployments))]
    public void Read_CaseFile_IsAcceptedOrRefusedAsItsFirstLineSays(string name)
    {
        var text = CaseFiles.Read("deployments", name);
        var refusal = CaseFiles.RefusalOf(text);
        if (refusal is null)
        {
            Assert.NotNull(ModelDeploymentReader.Read(text, name));
            return;
        }
        var exception = Assert.Throws<ManifestException>(() => ModelDeploymentReader.Read(text, name));
        Assert.Equal($"{name}:{refusal}", exception.Message);
    }

    [Theory]
    [MemberData(nameof(Defaults))]
    public void Read_CaseFile_SetsTheDefaultsOfTheExpectedFile(string name)
    {
        var deployment = ModelDeploymentReader.Read(CaseFiles.Read("defaults", name), name);

        var json = JsonSerializer.SerializeToNode(deployment, EntitiesJsonContext.Default.ModelDeployment)!;
        Assert.Equal(CaseFiles.Read("defaults", name.Replace(".input.", ".expected.", StringComparison.Ordinal)), YamlText.Write(json));
    }

    [Fact]
    public void Read_ObjectMadeInCode_HasTheDefaultsOfTheSchema()
    {
        const string minimal = """
            apiVersion: inference.gpustack.io/v1alpha1
            kind: ModelDeployment
            metadata: {name: a}
            spec: {model: {huggingFace: {repository: a/b}}}
            """;
        var read = ModelDeploymentReader.Read(minimal, "minimal.yaml");
        var made = new V1Alpha1.ModelDeployment
        {
            ApiVersion = ModelDeploymentReader.ApiVersion,
            Kind = ModelDeploymentReader.Kind,
            Metadata = new() { Name = "a" },
            Spec = new() { Model = new() { HuggingFace = new() { Repository = "a/b" } } },
        };

        Assert.Equal(
            JsonSerializer.Serialize(made, EntitiesJsonContext.Default.ModelDeployment),
            JsonSerializer.Serialize(read, EntitiesJsonContext.Default.ModelDeployment));
    }

    [Fact]
    public void Read_ChangedKindOfCache_IsRefusedOnUpdateOnly()
    {
        var old = Document("ephemeral: {}");
        var changed = Document("hostPath: {path: /models}");
        foreach (var value in (JsonObject[])[old, changed]) ModelDeploymentCrd.Schema.ApplyDefaults(value);

        Assert.Empty(ModelDeploymentCrd.Schema.Validate(changed, old: null));
        var error = Assert.Single(ModelDeploymentCrd.Schema.Validate(changed, old));
        Assert.Contains("the kind of cache cannot be changed", error.Message, StringComparison.Ordinal);

        static JsonObject Document(string cache) => YamlJson.Read($$$"""
            apiVersion: inference.gpustack.io/v1alpha1
            kind: ModelDeployment
            metadata: {name: a}
            spec: {model: {huggingFace: {repository: a/b}}, cache: { {{{cache}}} } }
            """, "a.yaml", YamlLimits.Manifest)[0].AsObject();
    }
}
